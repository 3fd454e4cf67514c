import { atMost, within } from '../harness/claim.ts'
import { datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf, succeeded } from '../harness/lab.ts'
import { oneTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { startTemporalServer } from '../harness/temporal-server.ts'
import { untilServing } from '../harness/until-serving.ts'

/** How much is asked of a provider with a limit. */
export interface LimitSize {
  readonly rows: number
  readonly inFlight: number
  readonly latencyMs: number
  readonly requestsPerMinute: number
}

/** A provider's limit of requests that two worker processes share, told in the pipeline or not. */
export function requestLimit(size: LimitSize, setting: 'told' | 'untold'): Scenario {
  const { rows, inFlight, latencyMs, requestsPerMinute } = size
  const ideal = (rows / requestsPerMinute) * 60
  const factor = setting === 'told' ? 1.03 : 1.05
  const refusals = setting === 'told' ? 3 : (8 * rows) / 100
  return {
    name: `limit-${setting}`,
    fault: `a server limit of ${requestsPerMinute} requests a minute, ${rows} rows, ${inFlight} in flight, two worker processes; the setting ${setting === 'told' ? 'told' : 'not told'}`,
    mustHold: `≤ ${factor} × ${ideal} s, at most ${refusals} answers of 429`,
    async run(lab, undisturbed) {
      const temporal = await startTemporalServer(lab, 'temporal')
      const fake = await lab.fake({ latencyMs, requestsPerMinute })
      const pipeline = oneTaskPipeline(rows, {
        limits: { maxConcurrency: inFlight, ...(setting === 'told' ? { requestsPerMinute } : {}) },
      })
      const run = `limit-${setting}`
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const env = { TEMPORAL_ADDRESS: temporal.address, RETORT_STORE: `file:${folder}/store` }
      const workers = ['one', 'other'].map((name) =>
        lab.start(lab.project(name, {}), ['worker'], env),
      )
      await Promise.all(workers.map((worker) => untilServing(worker)))
      succeeded(await lab.run(folder, ['start', pipeline.file, '--run-id', run], env))
      const result = resultOf(await lab.run(folder, ['watch', run, '--json'], env))
      const { statuses } = await fake.stats()
      return [
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
        within('in', result.seconds, ideal * factor),
        atMost('answers of 429', statuses['429'] ?? 0, refusals),
      ]
    },
  }
}
