import type { FakeOptions } from '../../bench/fake-server/fake-options.ts'
import { atMost, exactly, within } from '../harness/claim.ts'
import { datasetClaims } from '../harness/dataset-claims.ts'
import { resultOf } from '../harness/lab.ts'
import { oneTaskPipeline, structuredPipeline } from '../harness/pipelines.ts'
import type { ChaosPipeline } from '../harness/pipelines.ts'
import type { Scenario } from '../harness/scenario.ts'
import { sleep } from '../harness/sleep.ts'
import { untilAnswered } from '../harness/until-answered.ts'

/** What is sent in the first second of an outage asks for answers; what is sent later asks whether it is over. */
const noticeMs = 1_000

/** How much is asked of a provider, and how fast it is. */
export interface ProviderSize {
  readonly rows: number
  readonly inFlight: number
  readonly latencyMs: number
}

/** A part of the calls ends in HTTP 500. */
export function serverErrors(size: ProviderSize): Scenario {
  return faultyProvider(
    {
      name: 'errors',
      fault: `${sizeText(size)}, 30 % HTTP 500`,
      mustHold: `${size.rows} rows, ≤ 4 s`,
      limitSeconds: 4,
      options: { errorShare: 0.3 },
    },
    size,
    plainPipeline(size),
  )
}

/** A part of the calls is told to come again in a second. */
export function rateLimitErrors(size: ProviderSize): Scenario {
  return faultyProvider(
    {
      name: 'random-429',
      fault: `${sizeText(size)}, 50 % 429 with Retry-After: 1`,
      mustHold: `${size.rows} rows, ≤ 40 s`,
      limitSeconds: 40,
      options: { rateLimitShare: 0.5, retryAfterSeconds: 1 },
    },
    size,
    plainPipeline(size),
  )
}

/** Calls that hang, answers that are cut off and connections that are reset, under a task that wants JSON. */
export function hangs(size: ProviderSize): Scenario {
  return faultyProvider(
    {
      name: 'hangs',
      fault: `${sizeText(size)}, 5 % hang for ever (timeout 5 s), 10 % cut-off JSON, 2 % resets`,
      mustHold: `${size.rows} rows, none rejected, ≤ 30 s`,
      limitSeconds: 30,
      options: { hangShare: 0.05, cutOffShare: 0.1, resetShare: 0.02 },
    },
    size,
    structuredPipeline(
      size.rows,
      `timeouts: { firstByteSeconds: 5, silenceSeconds: 5 }, limits: { maxConcurrency: ${size.inFlight} }`,
    ),
  )
}

/** The provider is down for a while in the middle. */
export function providerDown(size: ProviderSize, downSeconds: number): Scenario {
  return {
    name: 'provider-down',
    fault: `${sizeText(size)}, the provider down for ${downSeconds} s in the middle`,
    mustHold: '0 rejected, ≤ 20 probes, goes on within 15 s of its return',
    async run(lab, undisturbed) {
      const pipeline = plainPipeline(size)
      const fake = await lab.fake({ latencyMs: size.latencyMs })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const run = 'down'
      const going = lab.start(folder, ['run', pipeline.file, '--run-id', run, '--json'])
      await untilAnswered(fake, size.rows / 2, going)
      await fake.set({ isDown: true })
      await sleep(noticeMs)
      const { requestsWhileDown: unaware } = await fake.stats()
      await sleep(downSeconds * 1_000 - noticeMs)
      const { answered, requestsWhileDown } = await fake.stats()
      await fake.set({ isDown: false })
      const backAt = performance.now()
      await untilAnswered(fake, answered + 1, going)
      const seconds = (performance.now() - backAt) / 1_000
      const result = resultOf(await going.ended)
      return [
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run }, result)),
        { text: `${unaware} calls until it was noticed`, holds: true },
        atMost('probes', requestsWhileDown - unaware, 20),
        within('goes on after', seconds, 15),
        exactly('paid twice', (await fake.stats()).duplicates, 0),
      ]
    },
  }
}

interface FaultyProvider {
  readonly name: string
  readonly fault: string
  readonly mustHold: string
  readonly limitSeconds: number
  readonly options: Partial<FakeOptions>
}

function faultyProvider(
  { name, fault, mustHold, limitSeconds, options }: FaultyProvider,
  size: ProviderSize,
  pipeline: ChaosPipeline,
): Scenario {
  return {
    name,
    fault,
    mustHold,
    async run(lab, undisturbed) {
      const fake = await lab.fake({
        latencyMs: size.latencyMs,
        ...pipeline.provider,
        ...options,
      })
      const folder = lab.project('project', pipeline.files(fake.baseURL))
      const result = resultOf(
        await lab.run(folder, ['run', pipeline.file, '--run-id', name, '--json']),
      )
      const { duplicates } = await fake.stats()
      return [
        ...(await datasetClaims(lab, undisturbed, pipeline, { folder, run: name }, result)),
        within('in', result.seconds, limitSeconds),
        exactly('paid twice', duplicates, 0),
      ]
    },
  }
}

function plainPipeline({ rows, inFlight }: ProviderSize): ChaosPipeline {
  return oneTaskPipeline(rows, { limits: { maxConcurrency: inFlight } })
}

function sizeText({ rows, inFlight, latencyMs }: ProviderSize): string {
  return `${rows} rows, ${inFlight} in flight, ${latencyMs} ms`
}
