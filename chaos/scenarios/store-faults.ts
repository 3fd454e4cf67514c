import type { Claim } from '../harness/claim.ts'
import { datasetClaims, paidTwice } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import type { Lab } from '../harness/lab.ts'
import { openPlace } from '../harness/places.ts'
import type { Place } from '../harness/places.ts'
import { twoTaskPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { sleep } from '../harness/sleep.ts'
import { startFaultyProxy } from '../harness/toxiproxy.ts'
import type { Toxic } from '../harness/toxiproxy.ts'
import type { Undisturbed } from '../harness/undisturbed.ts'
import { untilAnswered } from '../harness/until-answered.ts'
import type { KillSize } from './worker-killed.ts'

/** `kill -9` of the S3 server, which is away for a while. */
export function storeKilled(size: KillSize, awaySeconds: number): Scenario {
  const [point = 0.45] = size.points
  return {
    name: 'store-killed',
    fault: `kill -9 of the S3 server at ${point * 100} % of ${size.answers} answers, ${awaySeconds} s without it`,
    mustHold: 'the same, without another command',
    async run(lab, undisturbed) {
      const place = await openPlace(lab)
      return await runThrough(lab, undisturbed, size, place.env('killed'), async (reached) => {
        await reached(point)
        await place.s3.kill()
        await sleep(awaySeconds * 1_000)
        await place.s3.restart()
      })
    },
  }
}

/** Requests to the store that fail: half are lost on the way, half of the answers break off. */
export function storeFlaky(size: KillSize, share: number): Scenario {
  return {
    name: 'store-flaky',
    fault: `${share * 100} % of the S3 server's requests fail`,
    mustHold: 'the same, without another command',
    async run(lab, undisturbed) {
      // One connection a request, so that faults of connections are faults of requests.
      const place = await openPlace(lab, { keepsConnections: false })
      return await throughProxy(lab, undisturbed, size, place, [
        { type: 'reset_peer', stream: 'upstream', toxicity: share / 2, attributes: { timeout: 0 } },
        {
          type: 'limit_data',
          stream: 'downstream',
          toxicity: share / 2,
          attributes: { bytes: 40 },
        },
      ])
    },
  }
}

/** A store that takes its time for each answer. */
export function storeSlow(size: KillSize, latencySeconds: number): Scenario {
  return {
    name: 'store-slow',
    fault: `the S3 server answers after ${latencySeconds} s`,
    mustHold: 'the same, without another command',
    async run(lab, undisturbed) {
      const place = await openPlace(lab)
      return await throughProxy(lab, undisturbed, size, place, [
        {
          type: 'latency',
          stream: 'downstream',
          toxicity: 1,
          attributes: { latency: latencySeconds * 1_000 },
        },
      ])
    },
  }
}

async function throughProxy(
  lab: Lab,
  undisturbed: Undisturbed,
  size: KillSize,
  place: Place,
  toxics: readonly Toxic[],
): Promise<Claim[]> {
  const proxy = await startFaultyProxy(lab, place.s3.endpoint.slice('http://'.length))
  const env = { ...place.env('faulty'), AWS_ENDPOINT_URL_S3: `http://${proxy.address}` }
  for (const toxic of toxics) await proxy.add(toxic)
  const claims = await runThrough(lab, undisturbed, size, env, async () => {})
  const connections = proxy.connections()
  await proxy.clear()
  return [...claims, { text: `${connections} connections to the store`, holds: connections > 0 }]
}

async function runThrough(
  lab: Lab,
  undisturbed: Undisturbed,
  size: KillSize,
  env: NodeJS.ProcessEnv,
  disturb: (reached: (point: number) => Promise<void>) => Promise<void>,
): Promise<Claim[]> {
  const pipeline = twoTaskPipeline(size.answers, size.inFlight)
  const fake = await lab.fake({ latencyMs: size.latencyMs })
  const folder = lab.project('project', pipeline.files(fake.baseURL))
  const run = 'stored'
  const going = lab.start(folder, ['run', pipeline.file, '--run-id', run, '--json'], env)
  await disturb((point) => untilAnswered(fake, point * size.answers, going))
  const result = resultOf(await going.ended)
  return [
    ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run, env }, result)),
    await paidTwice(fake, size),
    { text: `${result.seconds.toFixed(0)} s`, holds: true },
  ]
}
