import { exactly } from '../harness/claim.ts'
import { datasetClaims, paidTwice } from '../harness/dataset-claims.ts'
import { resultOf, succeeded } from '../harness/lab.ts'
import { openPlace } from '../harness/places.ts'
import { twoTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { untilAnswered } from '../harness/until-answered.ts'
import { untilServing } from '../harness/until-serving.ts'
import type { KillSize } from './worker-killed.ts'

/** SIGSTOP of a worker past its heartbeat timeout, and SIGCONT while another one is at its work. */
export function workerFrozen(size: KillSize): Scenario {
  const [point = 0.45] = size.points
  return {
    name: 'worker-frozen',
    fault: `worker frozen (SIGSTOP) at ${point * 100} % of ${size.answers} answers past its heartbeat timeout, continued while another one is at its work`,
    mustHold: 'the same; one dataset version',
    async run(lab, undisturbed) {
      const pipeline = twoTaskPipeline(size.answers, size.inFlight)
      const place = await openPlace(lab)
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const run = 'frozen'
      const env = place.env(run)
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const frozen = lab.start(lab.project('frozen', {}), ['worker'], env)
      await untilServing(frozen)
      succeeded(await lab.run(folder, ['start', pipeline.file, '--run-id', run], env))
      await untilAnswered(fake, point * size.answers, frozen)
      frozen.child.kill('SIGSTOP')
      // Calls in flight are answered, though nobody reads it.
      const before = (await fake.stats()).answered + size.inFlight
      const other = lab.start(lab.project('other', {}), ['worker'], env)
      await untilAnswered(fake, before + size.inFlight, other, 180)
      const { duplicates } = await fake.stats()
      frozen.child.kill('SIGCONT')
      const result = resultOf(await lab.run(folder, ['watch', run, '--json'], env))
      const listed = succeeded(await lab.run(folder, ['list', '--json'], env))
      const { datasets } = JSON.parse(listed.stdout) as { datasets: readonly unknown[] }
      return [
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
        await paidTwice(fake, size),
        { text: `${duplicates} of them before it came back`, holds: true },
        exactly('dataset versions', datasets.length, 1),
      ]
    },
  }
}
