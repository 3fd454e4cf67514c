import { exactly, that } from '../harness/claim.ts'
import type { Claim } from '../harness/claim.ts'
import { at, datasetClaims, paidTwice } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import type { Lab } from '../harness/lab.ts'
import { openPlace } from '../harness/places.ts'
import { twoTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { sleep } from '../harness/sleep.ts'
import type { Undisturbed } from '../harness/undisturbed.ts'
import { untilAnswered } from '../harness/until-answered.ts'
import type { KillSize } from './worker-killed.ts'
import { percent } from './worker-killed.ts'

const awayMs = 3_000

/** `kill -9` of Temporal, which comes back on its file: whoever works goes on, without a command. */
export function temporalKilled(size: KillSize): Scenario {
  return {
    name: 'temporal-killed',
    fault: `kill -9 of Temporal at ${percent(size)} of ${size.answers} answers, restarted on its file after ${awayMs / 1_000} s`,
    mustHold: 'the same, without another command',
    async run(lab, undisturbed) {
      const claims: Claim[] = []
      for (const point of size.points)
        claims.push(...at(`${point * 100} %`, await killTemporal(lab, undisturbed, size, point)))
      return claims
    },
  }
}

async function killTemporal(lab: Lab, undisturbed: Undisturbed, size: KillSize, point: number) {
  const pipeline = twoTaskPipeline(size.answers, size.inFlight)
  const run = `server-${point * 100}`
  const place = await openPlace(lab, { name: run })
  const fake = await lab.fake({ latencyMs: size.latencyMs })
  const env = place.env(run)
  const folder = lab.project(run, pipeline.files(fake.baseURL))
  const args = ['run', pipeline.file, '--run-id', run, '--json']
  const going = lab.start(folder, args, env)
  await untilAnswered(fake, point * size.answers, going)
  await place.temporal.kill()
  await sleep(awayMs)
  await place.temporal.restart('on its file')
  const result = resultOf(await going.ended)
  return [
    ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
    await paidTwice(fake, size),
  ]
}

/** `kill -9` of Temporal, and an empty one in its place: the store alone is enough. */
export function temporalReplaced(size: KillSize): Scenario {
  const [point = 0.45] = size.points
  return {
    name: 'temporal-replaced',
    fault: `kill -9 of Temporal at ${point * 100} % of ${size.answers} answers, replaced by an empty one; the same command goes on`,
    mustHold: 'the same, from the store alone',
    async run(lab, undisturbed) {
      const pipeline = twoTaskPipeline(size.answers, size.inFlight)
      const run = 'replaced'
      const place = await openPlace(lab)
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const env = place.env(run)
      const folder = lab.project(run, pipeline.files(fake.baseURL))
      const args = ['run', pipeline.file, '--run-id', run, '--json']
      const going = lab.start(folder, args, env)
      await untilAnswered(fake, point * size.answers, going)
      await place.temporal.kill()
      await place.temporal.restart('empty')
      const ended = await going.ended
      const sentences = ended.stderr.split('\n').filter((line) => line.startsWith('error: '))
      const result = resultOf(await lab.run(folder, args, env))
      return [
        exactly('the first command says so, in sentences', sentences.length, 1),
        that(ended.code === 1, 'exit 1', `exit ${ended.code} instead of 1`),
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
        await paidTwice(fake, size),
      ]
    },
  }
}
