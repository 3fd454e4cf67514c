import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { BatchJobs, JobIntent, JobResult } from '../../../src/core/batch-jobs.ts'
import { groq, groqLLM } from '../../../src/models/openai/groq-llm.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import type { OpenAIOptions } from '../../../src/models/openai/openai-llm.ts'
import { defaultBatchesOptions } from '../../servers/openai/batch-options.ts'
import { type FakeBatches, startFakeBatches } from '../../servers/openai/fake-batches.ts'
import { spawnFakeBatches } from '../../servers/openai/spawn-fake-batches.ts'
import { request } from '../conformance/llm-conformance.ts'

const key = 'test-key-0123456789'
const none: ReadonlySet<string> = new Set()
const { signal } = new AbortController()
const closing: (() => Promise<void> | undefined)[] = []
let server: FakeBatches

beforeAll(async () => {
  server = await startFakeBatches()
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  server.set({ ...defaultBatchesOptions })
})
afterAll(() => server.close())

async function create(options: Partial<OpenAIOptions> = {}): Promise<BatchJobs> {
  const spec = openai({
    model: 'gpt-4o-mini',
    baseURL: `${server.url}/v1`,
    apiKeyEnv: 'TEST_KEY',
    ...options,
  })
  const llm = await openAILLM.create(spec, { TEST_KEY: key })
  closing.push(() => llm.close?.())
  if (llm.jobs === undefined) throw new Error('It has no jobs.')
  return llm.jobs
}

let intents = 0
function intend(requests: number): JobIntent {
  return { id: `intent-${intents++}`, requests, submittedAt: Date.now() }
}

async function* linesOf(jobs: BatchJobs, count: number): AsyncGenerator<string> {
  for (let index = 0; index < count; index++)
    yield jobs.toLine({ id: `r-${index}`, request: request(`Question ${index}`) })
}

async function submit(jobs: BatchJobs, count: number): Promise<string> {
  return jobs.submit(intend(count), linesOf(jobs, count), signal)
}

async function collect(results: AsyncIterable<JobResult>): Promise<Map<string, JobResult>> {
  const all = new Map<string, JobResult>()
  for await (const result of results) all.set(result.id, result)
  return all
}

function failed(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    (value) => value,
    (error: unknown) => error,
  )
}

test('a request is one line of JSON that holds what a call online would send', async () => {
  const jobs = await create({ generationKwargs: { temperature: 0.5, extraBody: { a: 'b\n' } } })
  const line = jobs.toLine({ id: 'r-1', request: request('Hello\nthere') })
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toEqual({
    custom_id: 'r-1',
    method: 'POST',
    url: '/v1/chat/completions',
    body: {
      model: 'gpt-4o-mini',
      messages: request('Hello\nthere').messages,
      temperature: 0.5,
      max_tokens: 2048,
      a: 'b\n',
    },
  })
})

test('a job is submitted, asked for and read, and answers are those that come online', async () => {
  server.set({ apiKey: key, pollsUntilDone: 3, reversesResults: true })
  const jobs = await create()
  const job = await submit(jobs, 9)
  expect(await jobs.status(job, signal)).toEqual({ state: 'going', finished: 3 })
  expect(await jobs.status(job, signal)).toEqual({ state: 'going', finished: 6 })
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 9 })
  const results = await collect(jobs.results(job, signal))
  expect([...results.keys()].at(0)).toBe('r-8')
  expect(results.size).toBe(9)
  const llm = await openAILLM.create(
    openai({ model: 'gpt-4o-mini', baseURL: `${server.url}/v1`, apiKeyEnv: 'TEST_KEY' }),
    { TEST_KEY: key },
  )
  closing.push(() => llm.close?.())
  const answer = await llm.chat(request('Question 4'))
  expect(results.get('r-4')).toEqual({ id: 'r-4', answer })
})

test('a job of raw prompts and one of the Responses API have their own paths', async () => {
  const prompts = await create()
  async function* raw() {
    const messages = [{ role: 'prompt', content: 'Once upon' }] as const
    yield prompts.toLine({ id: 'r-0', request: { messages, parameters: {}, sampleIndex: 0 } })
  }
  const responses = await create({ api: 'responses' })
  const tried = [
    ['/v1/completions', prompts, raw()],
    ['/v1/responses', responses, linesOf(responses, 1)],
  ] as const
  for (const [url, jobs, lines] of tried) {
    const sent: string[] = []
    async function* kept() {
      for await (const line of lines) {
        sent.push(line)
        yield line
      }
    }
    const job = await jobs.submit(intend(1), kept(), signal)
    expect(sent.map((line) => (JSON.parse(line) as { url: string }).url)).toEqual([url])
    expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 1 })
    const result = (await collect(jobs.results(job, signal))).get('r-0')
    expect(result).toMatchObject({
      answer: { choices: [{ text: expect.any(String), finishReason: 'stop' }] },
    })
  }
})

test('a job at Groq is one as at OpenAI', async () => {
  const spec = groq({ model: 'm', baseURL: `${server.url}/v1`, apiKeyEnv: 'TEST_KEY' })
  const llm = await groqLLM.create(spec, { TEST_KEY: key })
  closing.push(() => llm.close?.())
  const { jobs } = llm
  if (jobs === undefined) throw new Error('It has no jobs.')
  const job = await submit(jobs, 2)
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 2 })
  expect((await collect(jobs.results(job, signal))).size).toBe(2)
})

test('the limits are those of the provider, and the price is half', async () => {
  expect(await create()).toMatchObject({
    mostRequests: 50_000,
    mostBytes: 200_000_000,
    priceShare: 0.5,
  })
  expect(openAILLM.capabilities.batch).toBe(true)
})

test('a request that failed has the error that it would have online', async () => {
  server.set({ failEvery: 2, failStatus: 429 })
  const jobs = await create()
  const job = await submit(jobs, 4)
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 4 })
  const results = await collect(jobs.results(job, signal))
  expect(results.get('r-0')).toHaveProperty('answer.choices')
  expect(results.get('r-1')).toMatchObject({
    error: {
      code: 'rate-limited',
      verdict: 'retry',
      message: `OpenAILLM 'gpt-4o-mini' got 429 from ${server.url}/v1/chat/completions: The request of the batch failed.`,
    },
  })
})

test.for([400, 401, 500, 0])('a request that failed with %i throws nothing', async (failStatus) => {
  server.set({ failEvery: 1, failStatus })
  const jobs = await create()
  const job = await submit(jobs, 2)
  await jobs.status(job, signal)
  const codes = { 400: 'request-invalid', 401: 'authentication' } as Record<number, string>
  const code = codes[failStatus] ?? 'provider-unavailable'
  const results = await collect(jobs.results(job, signal))
  expect([...results.values()]).toMatchObject([{ error: { code } }, { error: { code } }])
})

test('an answer without a choice is an error of its request alone', async () => {
  const jobs = await create()
  const job = await submit(jobs, 2)
  await jobs.status(job, signal)
  server.set({ emptiesChoices: true })
  const results = await collect(jobs.results(job, signal))
  expect(results.get('r-1')).toMatchObject({ error: { code: 'request-invalid' } })
})

test('a job that expired says so, and has the results of what was tried', async () => {
  server.set({ expireAfter: 3 })
  const jobs = await create()
  const job = await submit(jobs, 5)
  const status = { state: 'ended', finished: 3, problem: 'expired' }
  expect(await jobs.status(job, signal)).toEqual(status)
  const results = await collect(jobs.results(job, signal))
  expect([...results.keys()]).toEqual(['r-0', 'r-1', 'r-2'])
})

test('a job that fails says why, without keys, and has no results', async () => {
  server.set({ validationError: `Enqueued token limit reached for ${key}.` })
  const jobs = await create()
  const job = await submit(jobs, 2)
  expect(await jobs.status(job, signal)).toEqual({
    state: 'ended',
    finished: 0,
    problem: 'Enqueued token limit reached for [key].',
  })
  expect((await collect(jobs.results(job, signal))).size).toBe(0)
})

test('a job with a bad line names it', async () => {
  const jobs = await create()
  async function* bad() {
    yield* linesOf(jobs, 1)
    yield '{"custom_id": 1}'
  }
  const job = await jobs.submit(intend(2), bad(), signal)
  expect(await jobs.status(job, signal)).toMatchObject({
    state: 'ended',
    problem: 'Line 2: Line 2 is no request.',
  })
})

test('a job is cancelled, keeps what it has answered, and may be cancelled again', async () => {
  server.set({ pollsUntilDone: 4 })
  const jobs = await create()
  const job = await submit(jobs, 8)
  await jobs.status(job, signal)
  await jobs.cancel(job, signal)
  await jobs.cancel(job, signal)
  const status = { state: 'ended', finished: 2, problem: 'cancelled' }
  expect(await jobs.status(job, signal)).toEqual(status)
  expect((await collect(jobs.results(job, signal))).size).toBe(2)
  await jobs.cancel(job, signal)
  expect(await jobs.status(job, signal)).toEqual(status)
})

test('a job that nobody knows is an error of its own, whatever is done with it', async () => {
  const jobs = await create()
  const error = { data: { status: 404 } }
  expect(await failed(jobs.status('batch_x', signal))).toMatchObject(error)
  expect(await failed(jobs.cancel('batch_x', signal))).toMatchObject(error)
  expect(await failed(collect(jobs.results('batch_x', signal)))).toMatchObject(error)
})

test('a job whose reply was lost is found again, by its metadata, on whatever page it is', async () => {
  server.set({ pageSize: 2 })
  const jobs = await create()
  const intent = intend(3)
  server.set({ lostCreateReplies: 1 })
  expect(await failed(jobs.submit(intent, linesOf(jobs, 3), signal))).toMatchObject({
    code: 'connection-lost',
    verdict: 'retry',
  })
  const { submissions } = server.stats()
  for (let index = 0; index < 4; index++) await submit(jobs, 1)
  const found = await jobs.find(intent, none, signal)
  expect(found).toEqual({ id: `batch_${submissions}`, isCertain: true })
  expect(await jobs.find(intent, new Set([`batch_${submissions}`]), signal)).toBeUndefined()
})

test('a job is found by its file where the server keeps no metadata', async () => {
  server.set({ dropsMetadata: true })
  const jobs = await create()
  const intent = intend(2)
  const job = await jobs.submit(intent, linesOf(jobs, 2), signal)
  await submit(jobs, 2)
  expect(await jobs.find(intent, none, signal)).toEqual({ id: job, isCertain: true })
  expect(await jobs.find(intend(2), none, signal)).toBeUndefined()
})

test('a file that was uploaded without a job means that nothing was submitted', async () => {
  const jobs = await create()
  const intent = intend(1)
  server.set({ refusedCreates: 1 })
  expect(await failed(jobs.submit(intent, linesOf(jobs, 1), signal))).toMatchObject({
    code: 'provider-unavailable',
  })
  server.set({ lostUploadReplies: 1 })
  expect(await failed(jobs.submit(intent, linesOf(jobs, 1), signal))).toMatchObject({
    code: 'connection-lost',
  })
  expect(await jobs.find(intent, none, signal)).toBeUndefined()
})

test('jobs of long before the intent are not looked at', async () => {
  const jobs = await create()
  const intent = intend(1)
  const job = await jobs.submit(intent, linesOf(jobs, 1), signal)
  const later = { ...intent, submittedAt: Date.now() + 7_200_000 }
  expect(await jobs.find(later, none, signal)).toBeUndefined()
  const slightlyLater = { ...intent, submittedAt: Date.now() + 1_800_000 }
  expect(await jobs.find(slightlyLater, none, signal)).toMatchObject({ id: job })
})

test('results that are gone are none', async () => {
  const jobs = await create()
  const job = await submit(jobs, 2)
  await jobs.status(job, signal)
  server.set({ losesFiles: true })
  expect((await collect(jobs.results(job, signal))).size).toBe(0)
})

test.for([
  ['a wrong key', { status: 401, body: { error: { message: `Bad ${key}` } } }, 'authentication'],
  ['no Batch API', { status: 404, body: { detail: 'Not Found' } }, 'endpoint-wrong'],
  ['a page', { status: 200, body: '<!doctype html><html>' }, 'endpoint-wrong'],
  ['an empty account', { status: 429, body: { error: { code: 'insufficient_quota' } } }, 'quota'],
  ['an error in a 200', { status: 200, body: { error: { message: 'x' } } }, 'provider-unavailable'],
  ['something else', { status: 200, body: { what: 1 } }, 'provider-unavailable'],
] as const)('%s is told at every call', async ([, reply, code]) => {
  const jobs = await create()
  server.set({ reply })
  const tried = [
    jobs.submit(intend(1), linesOf(jobs, 1), signal),
    jobs.status('batch_1', signal),
    jobs.cancel('batch_1', signal),
    collect(jobs.results('batch_1', signal)),
  ]
  for (const error of await Promise.all(tried.map(failed))) {
    expect(error).toMatchObject({ name: 'RetortError', code })
    expect(String(error)).toContain(`OpenAILLM 'gpt-4o-mini' got`)
    expect(String(error)).not.toContain(key)
  }
})

test('a signal ends each call with its reason', async () => {
  const jobs = await create()
  const job = await submit(jobs, 1)
  const reason = new Error('cancelled')
  const ended = AbortSignal.abort(reason)
  for (const tried of [
    jobs.submit(intend(1), linesOf(jobs, 1), ended),
    jobs.find(intend(1), none, ended),
    jobs.status(job, ended),
    jobs.cancel(job, ended),
    collect(jobs.results(job, ended)),
  ])
    await expect(tried).rejects.toBe(reason)
})

test(
  'fifty thousand requests go out and come back in flat memory',
  { timeout: 120_000 },
  async () => {
    const other = await spawnFakeBatches({})
    closing.push(() => other.close())
    const jobs = await create({ baseURL: `${other.url}/v1` })
    const count = 50_000
    const collectGarbage = exposeGarbageCollector()
    const held = () => {
      collectGarbage()
      const { arrayBuffers, heapUsed } = process.memoryUsage()
      return arrayBuffers + heapUsed
    }
    const before = held()
    let leastUp = Number.POSITIVE_INFINITY
    async function* lines() {
      const filling = 'x'.repeat(2_000)
      for (let index = 0; index < count; index++) {
        if (index > count / 2 && index % 5_000 === 0) leastUp = Math.min(leastUp, held() - before)
        yield jobs.toLine({ id: `r-${index}`, request: request(`${index} ${filling}`) })
      }
    }
    const job = await jobs.submit(intend(count), lines(), signal)
    expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: count })
    let got = 0
    let leastDown = Number.POSITIVE_INFINITY
    for await (const result of jobs.results(job, signal)) {
      if ('error' in result) throw result.error
      if (++got > count / 2 && got % 5_000 === 0) leastDown = Math.min(leastDown, held() - before)
    }
    expect(got).toBe(count)
    expect(leastUp).toBeLessThan(10_000_000)
    expect(leastDown).toBeLessThan(10_000_000)
  },
)

function exposeGarbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
