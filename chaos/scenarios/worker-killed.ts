import type { Claim } from '../harness/claim.ts'
import { at, datasetClaims, paidTwice } from '../harness/dataset-claims.ts'
import type { Pace } from '../harness/dataset-claims.ts'
import { resultOf, succeeded } from '../harness/lab.ts'
import type { Lab } from '../harness/lab.ts'
import { openPlace } from '../harness/places.ts'
import type { Place } from '../harness/places.ts'
import { twoTaskPipeline } from '../harness/pipelines.ts'
import type { ChaosPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import type { Undisturbed } from '../harness/undisturbed.ts'
import { untilAnswered } from '../harness/until-answered.ts'
import { untilServing } from '../harness/until-serving.ts'

/** How large a kill is made. */
export interface KillSize extends Pace {
  readonly answers: number
  /** Parts of the answers at which it happens. */
  readonly points: readonly number[]
}

interface Setting {
  readonly lab: Lab
  readonly undisturbed: Undisturbed
  readonly place: Place
  readonly pipeline: ChaosPipeline
  readonly size: KillSize
}

/** `kill -9` of `retort run`; the same command in another folder goes on. */
export function runKilled(size: KillSize): Scenario {
  return {
    name: 'run-killed',
    fault: `kill -9 of \`retort run\` at ${percent(size)} of ${size.answers} answers; the same command in a new folder goes on`,
    mustHold: 'no row lost or doubled, order kept; paid twice ≤ in flight + 1 s',
    run: (lab, undisturbed) => atEachPoint(lab, undisturbed, size, killRun),
  }
}

/** `kill -9` of `retort worker`; another one in a folder of its own takes over. */
export function workerKilled(size: KillSize): Scenario {
  return {
    name: 'worker-killed',
    fault: `kill -9 of \`retort worker\` at ${percent(size)} of ${size.answers} answers; a new one in a new folder goes on`,
    mustHold: 'no row lost or doubled, order kept; paid twice ≤ in flight + 1 s',
    run: (lab, undisturbed) => atEachPoint(lab, undisturbed, size, killWorker),
  }
}

async function atEachPoint(
  lab: Lab,
  undisturbed: Undisturbed,
  size: KillSize,
  kill: (setting: Setting, point: number) => Promise<Claim[]>,
): Promise<Claim[]> {
  const place = await openPlace(lab)
  const pipeline = twoTaskPipeline(size.answers, size.inFlight)
  await undisturbed.rowsOf(pipeline)
  const setting = { lab, undisturbed, place, pipeline, size }
  const claims = await Promise.all(size.points.map((point) => kill(setting, point)))
  return claims.flatMap((some, index) => at(`${(size.points[index] ?? 0) * 100} %`, some))
}

async function killRun(setting: Setting, point: number): Promise<Claim[]> {
  const { lab, undisturbed, place, pipeline, size } = setting
  const fake = await lab.fake({ latencyMs: size.latencyMs })
  const run = `killed-${point * 100}`
  const env = place.env(run)
  const files = pipeline.files(fake.baseURL)
  const first = lab.project(`${run}-first`, files)
  const second = lab.project(`${run}-second`, files)
  const args = ['run', pipeline.file, '--run-id', run, '--json']
  const going = lab.start(first, args, env)
  await untilAnswered(fake, point * size.answers, going)
  going.child.kill('SIGKILL')
  await going.ended
  const result = resultOf(await lab.run(second, args, env))
  return [
    ...(await datasetClaims(lab, undisturbed, pipeline, { folder: second, run, env }, result)),
    await paidTwice(fake, size),
  ]
}

async function killWorker(setting: Setting, point: number): Promise<Claim[]> {
  const { lab, undisturbed, place, pipeline, size } = setting
  const fake = await lab.fake({ latencyMs: size.latencyMs })
  const run = `left-${point * 100}`
  const env = place.env(run)
  const project = lab.project(`${run}-project`, pipeline.files(fake.baseURL))
  const worker = lab.start(lab.project(`${run}-first`, {}), ['worker'], env)
  await untilServing(worker)
  succeeded(await lab.run(project, ['start', pipeline.file, '--run-id', run], env))
  await untilAnswered(fake, point * size.answers, worker)
  worker.child.kill('SIGKILL')
  await worker.ended
  lab.start(lab.project(`${run}-second`, {}), ['worker'], env)
  const result = resultOf(await lab.run(project, ['watch', run, '--json'], env))
  return [
    ...(await datasetClaims(lab, undisturbed, pipeline, { folder: project, run, env }, result)),
    await paidTwice(fake, size),
  ]
}

/** The points, as the table says them. */
export function percent({ points }: KillSize): string {
  return `${points.map((point) => point * 100).join(', ')} %`
}
