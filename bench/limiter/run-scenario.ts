import { isRetortError } from '../../src/core/errors.ts'
import type { LLM } from '../../src/core/llm-spec.ts'
import { user } from '../../src/core/chat.ts'
import { CallPacer } from '../../src/models/limiter/call-pacer.ts'
import { Limiter } from '../../src/models/limiter/limiter.ts'
import { openAILLM, openai } from '../../src/models/openai/openai-llm.ts'
import { startFakeProcess } from '../engine/fake-process.ts'
import type { Scenario } from './scenarios.ts'

/** What a scenario came to. */
export interface Measured {
  readonly seconds: number
  /** Answers of 429. */
  readonly refused: number
  readonly requests: number
  readonly rejected: number
}

/** Rows that each limiter has at hand, in flight and waiting, as a worker has a batch or two. */
const atHand = 50

/** Runs a scenario on real time. */
export async function runScenario(scenario: Scenario): Promise<Measured> {
  const fake = await startFakeProcess(scenario.provider)
  const timers: NodeJS.Timeout[] = []
  const after = (seconds: number, isDown: boolean) =>
    timers.push(setTimeout(() => void fake.set({ isDown }), seconds * 1000))
  try {
    const spec = openai({
      model: 'm',
      baseURL: fake.baseURL,
      apiKeyEnv: null,
      timeouts: { firstByteSeconds: 5, silenceSeconds: 5 },
    })
    const llm = await openAILLM.create(spec, {})
    const [from, to] = scenario.away ?? []
    if (from !== undefined) after(from, true)
    if (to !== undefined) after(to, false)
    const begun = performance.now()
    const rejected = await askForRows(scenario, llm)
    const seconds = (performance.now() - begun) / 1000
    const { requests, statuses } = await fake.stats()
    await llm.close?.()
    return { seconds, refused: statuses['429'] ?? 0, requests, rejected }
  } finally {
    for (const timer of timers) clearTimeout(timer)
    await fake.stop()
  }
}

async function askForRows({ rows, limiters }: Scenario, llm: LLM): Promise<number> {
  const pacer = new CallPacer()
  let next = 0
  let rejected = 0
  const ask = async (limiter: Limiter, row: number): Promise<void> => {
    const request = { messages: [user(`Row ${row}`)], parameters: {}, sampleIndex: 0 }
    const options = { onRateLimit: limiter.observe.bind(limiter) }
    try {
      await limiter.run(row, async () => {
        await pacer.next()
        return llm.chat(request, options)
      })
    } catch (error) {
      if (!isRetortError(error)) throw error
      rejected += 1
    }
  }
  const work = async (limiter: Limiter) => {
    while (next < rows) await ask(limiter, next++)
  }
  await Promise.all(
    limiters.flatMap((limits, index) => {
      const limiter = new Limiter(`bench ${index}`)
      limiter.join(limits)
      return Array.from({ length: atHand }, () => work(limiter))
    }),
  )
  return rejected
}
