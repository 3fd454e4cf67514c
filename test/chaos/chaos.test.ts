import { test } from 'vitest'

import { halfBudget } from '../../chaos/scenarios/budgets.ts'
import { pipelineEdited, rowAdded } from '../../chaos/scenarios/changes.ts'
import { concurrentRuns } from '../../chaos/scenarios/concurrent-runs.ts'
import { embeddedKilled, firstCommands } from '../../chaos/scenarios/embedded-server.ts'
import { hangs, serverErrors } from '../../chaos/scenarios/provider-faults.ts'
import { emptyQuota, refusedKey, stopAndAsk } from '../../chaos/scenarios/stop-and-ask.ts'
import { storeFlaky } from '../../chaos/scenarios/store-faults.ts'
import { temporalKilled, temporalReplaced } from '../../chaos/scenarios/temporal-killed.ts'
import { runKilled } from '../../chaos/scenarios/worker-killed.ts'
import { expectHolds } from './expect-holds.ts'

const timeout = 180_000
const kill = { answers: 300, inFlight: 20, latencyMs: 200, points: [0.45] }
const provider = { rows: 120, inFlight: 20, latencyMs: 50 }

test('a dataset survives kill -9 of its command', { timeout }, () => expectHolds(runKilled(kill)))

test('a dataset survives kill -9 of Temporal, which comes back on its file', { timeout }, () =>
  expectHolds(temporalKilled(kill)),
)

test('a dataset survives an empty Temporal in the place of its own', { timeout }, () =>
  expectHolds(temporalReplaced(kill)),
)

test('a dataset survives requests to the store that fail', { timeout }, () =>
  expectHolds(storeFlaky(kill, 0.05)),
)

test("a dataset survives kill -9 of the embedded server's keeper", { timeout }, () =>
  expectHolds(embeddedKilled(kill, 'keeper')),
)

test('two first commands in one folder share a server', { timeout }, () =>
  expectHolds(firstCommands(kill)),
)

test('a provider that breaks down at every third call costs no row', { timeout }, () =>
  expectHolds(serverErrors(provider)),
)

test('calls that hang, answers cut off and connections reset cost no row', { timeout }, () =>
  expectHolds(hangs(provider)),
)

test('a refused key stops the run, and the same command completes it', { timeout }, () =>
  expectHolds(stopAndAsk(refusedKey, 'fail', provider)),
)

test('an empty account pauses the run, and it goes on once it is resumed', { timeout }, () =>
  expectHolds(stopAndAsk(emptyQuota, 'pause', provider)),
)

test('a budget is never passed, and a raised one completes the run', { timeout }, () =>
  expectHolds(halfBudget(provider, 'usd')),
)

test('a row more in front of all others costs one call', { timeout }, () =>
  expectHolds(rowAdded(240, ['front'])),
)

test('an edited pipeline asks only what its edition asks anew', { timeout }, () =>
  expectHolds(pipelineEdited(240, 4)),
)

test('two runs of one pipeline at once make the same dataset', { timeout }, () =>
  expectHolds(concurrentRuns(kill)),
)
