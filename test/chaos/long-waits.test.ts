import { test } from 'vitest'

import { providerDown } from '../../chaos/scenarios/provider-faults.ts'
import { requestLimit } from '../../chaos/scenarios/rate-limits.ts'
import { storeKilled } from '../../chaos/scenarios/store-faults.ts'
import { workerFrozen } from '../../chaos/scenarios/worker-frozen.ts'
import { workerKilled } from '../../chaos/scenarios/worker-killed.ts'
import { expectHolds } from './expect-holds.ts'

// All of them wait most of the time, for a heartbeat timeout or for what is away, and so wait together.
const timeout = 240_000
const kill = { answers: 300, inFlight: 20, latencyMs: 200, points: [0.45] }
const provider = { rows: 120, inFlight: 20, latencyMs: 50 }
const limit = { rows: 240, inFlight: 20, latencyMs: 50, requestsPerMinute: 1_200 }

test.concurrent('a dataset survives kill -9 of the worker that makes it', { timeout }, () =>
  expectHolds(workerKilled(kill)),
)

test.concurrent(
  'a frozen worker that comes back doubles no row and damages none',
  { timeout },
  () => expectHolds(workerFrozen(kill)),
)

test.concurrent('a dataset survives kill -9 of the S3 server', { timeout }, () =>
  expectHolds(storeKilled(kill, 20)),
)

test.concurrent(
  'a provider that is away is probed now and then, and costs no row',
  { timeout },
  () => expectHolds(providerDown(provider, 25)),
)

test.concurrent('two worker processes keep a limit together', { timeout }, () =>
  expectHolds(requestLimit(limit, 'told')),
)
