import { fileURLToPath } from 'node:url'

import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'

import { LimitGroups } from '../../activities/limit-groups.ts'

/** Takes all of a limit group's ten places, says so, and serves the group until it is killed. */
const [, , address = '', group = ''] = process.argv
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
const groups = new LimitGroups({
  connection: { address },
  namespace: 'default',
  workers: Worker,
  code: { workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)) },
})
const { share } = await groups.request(group, {
  holder: 'killed',
  told: { maxConcurrency: 10, requestsPerMinute: null, tokensPerMinute: null },
  holds: null,
  inFlight: 0,
  waiting: 100,
  learned: null,
  hasHeard: false,
  gone: [],
  sequence: 1,
  patienceMs: 0,
})
process.stdout.write(`${JSON.stringify(share)}\n`)
