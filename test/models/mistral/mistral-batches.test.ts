import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { BatchJobs, JobIntent, JobResult } from '../../../src/core/batch-jobs.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import {
  type MistralOptions,
  mistral,
  mistralLLM,
} from '../../../src/models/mistral/mistral-llm.ts'
import { type FakeMistral, startFakeMistral } from '../../servers/mistral/fake-mistral.ts'
import { defaultMistralOptions } from '../../servers/mistral/mistral-options.ts'
import { measureJobMemory, spawnServer } from '../conformance/job-memory.ts'
import { request } from '../conformance/llm-conformance.ts'

const key = 'test-key-0123456789'
const none: ReadonlySet<string> = new Set()
const { signal } = new AbortController()
const llms: LLM[] = []
let server: FakeMistral

beforeAll(async () => {
  server = await startFakeMistral()
})
afterEach(async () => {
  await Promise.all(llms.splice(0).map(async (llm) => await llm.close?.()))
  server.set(defaultMistralOptions)
})
afterAll(() => server.close())

async function create(options: Partial<MistralOptions> = {}): Promise<BatchJobs> {
  const given = { model: 'mistral-small-latest', baseURL: server.url, apiKeyEnv: 'K', ...options }
  const llm = await mistralLLM.create(mistral(given), { K: key })
  llms.push(llm)
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

test('a request is one line of JSON that holds what a call online would send', async () => {
  const jobs = await create({ generationKwargs: { temperature: 0.5, safePrompt: true } })
  const line = jobs.toLine({ id: 'r-"1', request: request('Hello\nthere') })
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toEqual({
    custom_id: 'r-"1',
    body: {
      model: 'mistral-small-latest',
      messages: request('Hello\nthere').messages,
      temperature: 0.5,
      max_tokens: 2048,
      safe_prompt: true,
      stream: false,
    },
  })
})

test('a job is handed in, followed and read', async () => {
  server.set({ pollsUntilDone: 2, apiKey: key })
  const jobs = await create()
  const job = await submit(jobs, 3)
  expect(server.jobs.get(job)?.asked).toMatchObject({
    endpoint: '/v1/chat/completions',
    model: 'mistral-small-latest',
    timeout_hours: 24,
  })
  expect(await jobs.status(job, signal)).toEqual({ state: 'going', finished: 0 })
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 3 })
  const results = await collect(jobs.results(job, signal))
  expect([...results.keys()]).toEqual(['r-0', 'r-1', 'r-2'])
  expect(results.get('r-1')).toMatchObject({ answer: { choices: [{ finishReason: 'stop' }] } })
  expect(jobs).toMatchObject({ priceShare: 0.5, mostRequests: 100_000, mostBytes: 512_000_000 })
})

test('a job whose id was lost is found by its metadata, on whatever page it is', async () => {
  const jobs = await create()
  const intent = intend(1)
  server.set({ lostCreateReplies: 1 })
  await expect(jobs.submit(intent, linesOf(jobs, 1), signal)).rejects.toMatchObject({
    code: 'connection-lost',
  })
  for (let other = 0; other < 101; other++) await submit(jobs, 1)
  const found = await jobs.find(intent, none, signal)
  expect(found).toEqual({ id: expect.any(String), isCertain: true })
  expect(await jobs.find(intent, new Set([found?.id ?? '']), signal)).toBeUndefined()
  expect(await jobs.find(intend(1), none, signal)).toBeUndefined()
  const later = { ...intent, submittedAt: Date.now() + 7_200_000 }
  expect(await jobs.find(later, none, signal)).toBeUndefined()
})

test('a job that was never created is not found', async () => {
  server.set({ refusedCreates: 1 })
  const jobs = await create()
  const intent = intend(1)
  await expect(jobs.submit(intent, linesOf(jobs, 1), signal)).rejects.toMatchObject({
    code: 'provider-unavailable',
    verdict: 'retry',
  })
  expect(await jobs.find(intent, none, signal)).toBeUndefined()
})

test.for([
  [400, 'request-invalid'],
  [429, 'rate-limited'],
  [500, 'provider-unavailable'],
] as const)('a request that failed with %i has an error: %s', async ([failStatus, code]) => {
  server.set({ failEvery: 2, failStatus })
  const jobs = await create()
  const job = await submit(jobs, 2)
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 2 })
  const results = await collect(jobs.results(job, signal))
  expect(results.get('r-0')).toHaveProperty('answer')
  expect(results.get('r-1')).toMatchObject({ error: { name: 'RetortError', code } })
})

test.for([
  ['FAILED', 'Line 1 is no request.'],
  ['TIMEOUT_EXCEEDED', 'expired'],
] as const)('a job that ended as %s says why, and has no results', async ([ending, problem]) => {
  server.set({ ending })
  const jobs = await create()
  const job = await submit(jobs, 1)
  expect(await jobs.status(job, signal)).toEqual({ state: 'ended', finished: 0, problem })
  expect((await collect(jobs.results(job, signal))).size).toBe(0)
})

test('a job is cancelled, also where it has ended', async () => {
  server.set({ pollsUntilDone: 9 })
  const jobs = await create()
  const job = await submit(jobs, 1)
  await jobs.cancel(job, signal)
  expect(await jobs.status(job, signal)).toMatchObject({ state: 'ended', problem: 'cancelled' })
  await jobs.cancel(job, signal)
  await expect(jobs.cancel('nothing', signal)).rejects.toMatchObject({ verdict: 'stop' })
})

test('results whose file is gone are none', async () => {
  const jobs = await create()
  const job = await submit(jobs, 1)
  expect(await jobs.status(job, signal)).toMatchObject({ state: 'ended' })
  server.set({ losesFiles: true })
  expect((await collect(jobs.results(job, signal))).size).toBe(0)
})

test('a wrong key, a server that is gone and a signal end whatever is done', async () => {
  server.set({ apiKey: 'another' })
  const jobs = await create()
  const error = await submit(jobs, 1).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'authentication' })
  expect(String(error)).toContain('check the key in K')
  const gone = await create({ baseURL: 'http://127.0.0.1:1' })
  await expect(gone.status('job', signal)).rejects.toMatchObject({ code: 'connection-lost' })
  const reason = new Error('cancelled')
  await expect(jobs.status('job', AbortSignal.abort(reason))).rejects.toBe(reason)
})

test(
  'fifty thousand requests go out and come back in flat memory',
  { timeout: 120_000 },
  async () => {
    const file = new URL('../../servers/mistral/fake-mistral.ts', import.meta.url)
    const other = await spawnServer(file)
    const jobs = await create({ baseURL: other.url })
    const { results, heldUp, heldDown } = await measureJobMemory(jobs, 50_000)
    await other.close()
    expect(results).toBe(50_000)
    expect(heldUp).toBeLessThan(10_000_000)
    expect(heldDown).toBeLessThan(10_000_000)
  },
)
