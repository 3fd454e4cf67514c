import type { Scenario } from './harness/scenario.ts'
import { halfBudget } from './scenarios/budgets.ts'
import { endpointChanged, pipelineEdited, rowAdded } from './scenarios/changes.ts'
import { concurrentRuns } from './scenarios/concurrent-runs.ts'
import { embeddedKilled, firstCommands, folderRemoved } from './scenarios/embedded-server.ts'
import { hangs, providerDown, rateLimitErrors, serverErrors } from './scenarios/provider-faults.ts'
import { requestLimit } from './scenarios/rate-limits.ts'
import { emptyQuota, refusedKey, stopAndAsk } from './scenarios/stop-and-ask.ts'
import { storeFlaky, storeKilled, storeSlow } from './scenarios/store-faults.ts'
import { temporalKilled, temporalReplaced } from './scenarios/temporal-killed.ts'
import { workerFrozen } from './scenarios/worker-frozen.ts'
import { runKilled, workerKilled } from './scenarios/worker-killed.ts'

const kill = { answers: 1_000, inFlight: 50, latencyMs: 400, points: [0.1, 0.45, 0.7, 0.95] }
const once = { ...kill, points: [0.45] }
const provider = { rows: 500, inFlight: 50, latencyMs: 100 }
const limit = { rows: 600, inFlight: 50, latencyMs: 100, requestsPerMinute: 1_200 }

/** The table, in its full size. */
export const scenarios: readonly Scenario[] = [
  runKilled(kill),
  workerKilled(kill),
  temporalKilled(kill),
  temporalReplaced(once),
  storeKilled(once, 20),
  storeFlaky(once, 0.05),
  storeSlow(once, 2),
  workerFrozen(once),
  embeddedKilled(once, 'keeper'),
  embeddedKilled(once, 'server'),
  firstCommands(once),
  folderRemoved(once),
  serverErrors(provider),
  rateLimitErrors(provider),
  hangs(provider),
  // Not a multiple of what lies between two probes.
  providerDown(provider, 184),
  requestLimit(limit, 'told'),
  requestLimit(limit, 'untold'),
  stopAndAsk(refusedKey, 'fail', provider),
  stopAndAsk(refusedKey, 'pause', provider),
  stopAndAsk(emptyQuota, 'fail', provider),
  stopAndAsk(emptyQuota, 'pause', provider),
  halfBudget(provider, 'tokens'),
  halfBudget(provider, 'usd'),
  rowAdded(12_000),
  pipelineEdited(12_000),
  endpointChanged(12_000, 'unnamed'),
  endpointChanged(12_000, 'named'),
  concurrentRuns(once),
]
