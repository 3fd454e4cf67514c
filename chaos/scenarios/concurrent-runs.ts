import type { Claim } from '../harness/claim.ts'
import { at, datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import { twoTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import type { KillSize } from './worker-killed.ts'

/** Two runs of one pipeline that are started together. */
export function concurrentRuns({ answers, inFlight, latencyMs }: KillSize): Scenario {
  return {
    name: 'concurrent',
    fault: 'two runs of one pipeline with `--concurrent`, started together',
    mustHold: 'both datasets right',
    async run(lab, undisturbed) {
      const pipeline = twoTaskPipeline(answers, inFlight)
      const fake = await lab.fake({ latencyMs })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const args = ['run', pipeline.file, '--concurrent', '--json', '--run-id']
      const runs = ['one', 'other'].map((run) => ({
        run,
        going: lab.start(folder, [...args, run]),
      }))
      const claims: Claim[] = []
      for (const { run, going } of runs) {
        const result = resultOf(await going.ended)
        claims.push(
          ...at(run, await datasetClaims(lab, undisturbed, pipeline, { folder, run }, result)),
        )
      }
      const { duplicates } = await fake.stats()
      return [...claims, { text: `paid twice ${duplicates}`, holds: true }]
    },
  }
}
