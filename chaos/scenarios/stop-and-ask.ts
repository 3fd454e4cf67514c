import type { FakeOptions } from '../../bench/fake-server/fake-options.ts'
import { atMost, exactly, that } from '../harness/claim.ts'
import type { Claim } from '../harness/claim.ts'
import { datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import { oneTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { sleep } from '../harness/sleep.ts'
import { untilPaused } from '../harness/until-paused.ts'
import type { ProviderSize } from './provider-faults.ts'

/** What is wrong until a person mends it. */
export interface Obstacle {
  readonly name: 'refused-key' | 'empty-quota'
  readonly fault: string
  readonly options: (size: ProviderSize) => Partial<FakeOptions>
  readonly mended: Partial<FakeOptions>
  /** The status of a refusal. */
  readonly status: '401' | '429'
}

/** A key that the provider refuses from the start. */
export const refusedKey: Obstacle = {
  name: 'refused-key',
  fault: '401 from the start',
  options: () => ({ apiKey: 'another' }),
  mended: { apiKey: null },
  status: '401',
}

/** An account that runs dry at 40 % of the answers. */
export const emptyQuota: Obstacle = {
  name: 'empty-quota',
  fault: 'quota empty at 40 %',
  options: ({ rows }) => ({ quotaAnswers: 0.4 * rows }),
  mended: { quotaAnswers: null },
  status: '429',
}

/** A run that a person has to help: with `fail` the same command goes on, with `pause` `retort resume`. */
export function stopAndAsk(
  obstacle: Obstacle,
  onStop: 'fail' | 'pause',
  size: ProviderSize,
): Scenario {
  return {
    name: `${obstacle.name}-${onStop}`,
    fault: `${obstacle.fault}, \`--on-stop ${onStop}\``,
    mustHold: `no calls beyond those in flight, one sentence; ${onStop === 'fail' ? 'the same command' : '`resume`'} completes it`,
    async run(lab, undisturbed) {
      const { rows, inFlight, latencyMs } = size
      const pipeline = oneTaskPipeline(rows, { limits: { maxConcurrency: inFlight } })
      const fake = await lab.fake({ latencyMs, ...obstacle.options(size) })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const run = obstacle.name
      const args = ['run', pipeline.file, '--run-id', run, '--on-stop', onStop, '--json']
      const going = lab.start(folder, args)
      const claims: Claim[] = []
      if (onStop === 'fail') {
        const { code, stderr } = await going.ended
        const sentences = stderr.split('\n').filter((line) => line.startsWith('error: '))
        claims.push(
          exactly('exit', code ?? -1, 1),
          that(sentences.length === 1, 'one sentence', `it said: ${stderr.slice(-600)}`),
        )
      } else {
        const sentence = await untilPaused(lab, folder, run, going)
        claims.push(that(sentence !== '', 'paused with a sentence', 'paused without a sentence'))
        // Whatever else it would ask comes within this time.
        await sleep(3_000)
      }
      const { statuses } = await fake.stats()
      claims.push(atMost('refused calls', statuses[obstacle.status] ?? 0, inFlight))
      await fake.set(obstacle.mended)
      if (onStop === 'pause') {
        const resumed = await lab.run(folder, ['resume', run])
        claims.push(
          that(resumed.code === 0, 'resumed', `resume said: ${resumed.stderr.slice(-600)}`),
        )
      }
      const ended = onStop === 'pause' ? await going.ended : await lab.run(folder, args)
      const result = resultOf(ended)
      return [
        ...claims,
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run }, result)),
        exactly('paid twice', (await fake.stats()).duplicates, 0),
      ]
    },
  }
}
