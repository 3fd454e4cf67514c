import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { OpenAI } from 'openai'
import { Agent, request } from 'undici'

import { type TextMessage, system, user } from '../../src/core/chat.ts'
import { createDispatcherFetch } from '../../src/models/http/dispatcher-fetch.ts'
import { Limiter } from '../../src/models/limiter/limiter.ts'
import { toMilliseconds } from '../../src/models/model-params.ts'
import { openAILLM, openai } from '../../src/models/openai/openai-llm.ts'

// What a call to a model costs in this process, at 0 ms of latency and 100 calls in flight:
// `node bench/fake-server/adapter-throughput.ts [calls] [rounds]`. Each figure is the best round of a
// process of its own; the fake provider runs in another. It ends with 1 where the adapter's target is missed.

type Ask = (index: number) => Promise<unknown>

const inFlight = 100
/** Most processor time of a call through the adapter, as a multiple of a bare loop's. */
const mostOfBare = 1.3

function messages(index: number): readonly TextMessage[] {
  const snippet = 'for (const row of rows) yield transform(row) '.repeat(25)
  return [system('You write programming problems.'), user(`Row ${index}: ${snippet}`)]
}

function openAIClient(baseURL: string, fetch?: typeof globalThis.fetch): Ask {
  const client = new OpenAI({
    apiKey: 'key',
    baseURL,
    maxRetries: 0,
    ...(fetch === undefined ? {} : { fetch }),
  })
  return (index) =>
    client.chat.completions.create({
      model: 'm',
      max_tokens: 2048,
      // The client knows the roles that it takes, and none of raw prompts.
      messages: messages(index) as OpenAI.ChatCompletionMessageParam[],
    })
}

const modes: Readonly<Record<string, (baseURL: string) => Promise<Ask>>> = {
  'undici.request, no client': async (baseURL) => {
    const dispatcher = new Agent({ allowH2: false })
    return async (index) => {
      const body = JSON.stringify({ model: 'm', max_tokens: 2048, messages: messages(index) })
      const reply = await request(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
        body,
        dispatcher,
      })
      return reply.body.json()
    }
  },
  'openai, its own fetch': async (baseURL) => openAIClient(baseURL),
  'openai, undici.request': async (baseURL) => {
    const dispatcher = new Agent({ allowH2: false })
    return openAIClient(baseURL, async (url, init) => {
      const { statusCode, headers, body } = await request(String(url), {
        method: 'POST',
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: String(init?.body),
        signal: init?.signal ?? null,
        dispatcher,
      })
      return new Response(await body.text(), {
        status: statusCode,
        headers: { 'content-type': String(headers['content-type']) },
      })
    })
  },
  'openai, our fetch': async (baseURL) => {
    const http = createDispatcherFetch({}, toMilliseconds())
    return openAIClient(baseURL, http.fetch)
  },
  'our adapter': async (baseURL) => {
    const llm = await createAdapter(baseURL)
    const { signal } = new AbortController()
    return (index) =>
      llm.chat({ messages: messages(index), parameters: {}, sampleIndex: 0 }, { signal })
  },
  'our adapter, limiter': async (baseURL) => {
    const llm = await createAdapter(baseURL)
    const limiter = new Limiter('bench')
    limiter.join({ maxConcurrency: inFlight })
    const options = { signal: new AbortController().signal, deadline: Date.now() + 600_000 }
    return (index) =>
      limiter.run(
        index,
        (signal) =>
          llm.chat(
            { messages: messages(index), parameters: {}, sampleIndex: 0 },
            signal === undefined ? {} : { signal },
          ),
        options,
      )
  },
}

function createAdapter(baseURL: string) {
  return openAILLM.create(openai({ model: 'm', baseURL, apiKeyEnv: 'KEY' }), { KEY: 'key' })
}

async function measure(mode: string, baseURL: string, calls: number): Promise<void> {
  const ask = await modes[mode]?.(baseURL)
  if (ask === undefined) throw new Error(`There is no mode '${mode}'.`)
  await askAll(ask, 2000, inFlight)
  // With the limiter all calls are handed over at once, as a worker does.
  const workers = mode.endsWith('limiter') ? 8 * inFlight : inFlight
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await askAll(ask, calls, workers)
  const seconds = (performance.now() - begun) / 1000
  const { user: own, system: kernel } = process.cpuUsage(cpu)
  process.stdout.write(
    `${JSON.stringify({ perSecond: calls / seconds, cpuMs: (own + kernel) / 1000 / calls })}\n`,
  )
  process.exit(0)
}

async function askAll(ask: Ask, calls: number, workers: number): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < calls) await ask(next++)
  }
  await Promise.all(Array.from({ length: workers }, work))
}

async function compare(calls: number, rounds: number): Promise<void> {
  const fake = start('main.ts')
  const { url } = JSON.parse(await firstLine(fake)) as { url: string }
  const best = new Map<string, { perSecond: number; cpuMs: number }>()
  for (let round = 0; round < rounds; round++)
    for (const mode of Object.keys(modes)) {
      const child = start('adapter-throughput.ts', '--mode', mode, `${url}/v1`, String(calls))
      const figures = JSON.parse(await firstLine(child)) as { perSecond: number; cpuMs: number }
      const before = best.get(mode)
      best.set(mode, {
        perSecond: Math.max(figures.perSecond, before?.perSecond ?? 0),
        cpuMs: Math.min(figures.cpuMs, before?.cpuMs ?? Number.POSITIVE_INFINITY),
      })
    }
  fake.kill()
  process.stdout.write('| | calls/s | ms of CPU a call |\n|---|---|---|\n')
  for (const [mode, { perSecond, cpuMs }] of best)
    process.stdout.write(`| ${mode} | ${perSecond.toFixed(0)} | ${cpuMs.toFixed(3)} |\n`)
  const cpuOf = (mode: string) => best.get(mode)?.cpuMs ?? Number.NaN
  for (const bare of ['openai, undici.request', 'openai, our fetch']) {
    const ratio = cpuOf('our adapter') / cpuOf(bare)
    const isMet = ratio <= mostOfBare ? 'yes' : 'no'
    process.stdout.write(
      `\nOur adapter takes ${ratio.toFixed(2)} × the processor time of '${bare}' (target ≤ ${mostOfBare} ×: ${isMet}).`,
    )
    if (ratio > mostOfBare) process.exitCode = 1
  }
  process.stdout.write('\n')
}

function start(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The process has no output.')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return line
}

const [first, second, baseURL = '', calls] = process.argv.slice(2)
if (first === '--mode') await measure(second ?? '', baseURL, Number(calls))
else await compare(Number(first ?? 10_000), Number(second ?? 3))
