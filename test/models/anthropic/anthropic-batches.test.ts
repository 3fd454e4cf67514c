import { afterEach, beforeEach, expect, test } from 'vitest'

import type { BatchJobs, JobRequest, JobResult } from '../../../src/core/batch-jobs.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { anthropic, anthropicLLM } from '../../../src/models/anthropic/anthropic-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { type FakeAnthropic, type FakeBatch, startFakeAnthropic } from './fake-anthropic.ts'
import { anthropicError, messageOf } from './messages-wire.ts'

const key = 'test-key-0123456789'
const { signal } = new AbortController()

let fake: FakeAnthropic
let llm: LLM
let jobs: BatchJobs

beforeEach(async () => {
  fake = await startFakeAnthropic()
  llm = await live('claude-opus-5')
  jobs = jobsOf(llm)
})
afterEach(async () => {
  await llm.close?.()
  await fake.close()
})

async function live(model: string): Promise<LLM> {
  const spec = anthropic({ model, baseURL: fake.url, apiKeyEnv: 'TEST_KEY' })
  return await anthropicLLM.create(spec, { TEST_KEY: key })
}

function jobsOf(model: LLM): BatchJobs {
  if (model.jobs === undefined) throw new Error('The model has no batch jobs.')
  return model.jobs
}

function requests(count: number): JobRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `row-${index}`,
    request: request(`Question ${index}`),
  }))
}

async function* linesOf(asked: readonly JobRequest[]): AsyncGenerator<string> {
  for (const one of asked) yield jobs.toLine(one)
}

function intent(count: number, submittedAt = Date.now()) {
  return { id: 'intent-1', requests: count, submittedAt }
}

async function submit(count: number): Promise<{ readonly id: string; readonly batch: FakeBatch }> {
  const id = await jobs.submit(intent(count), linesOf(requests(count)), signal)
  const batch = fake.batches.find((known) => known.id === id)
  if (batch === undefined) throw new Error(`There is no batch ${id}.`)
  return { id, batch }
}

async function resultsOf(job: string): Promise<JobResult[]> {
  const results: JobResult[] = []
  for await (const result of jobs.results(job, signal)) results.push(result)
  return results.toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
}

test('a batch is handed in, waited for and read', async () => {
  const { id, batch } = await submit(3)
  expect(batch.requests.map((one) => one.id)).toEqual(['row-0', 'row-1', 'row-2'])
  expect(await jobs.status(id, signal)).toEqual({ state: 'going', finished: 0 })
  expect(await jobs.status(id, signal)).toEqual({ state: 'ended', finished: 3 })
  const results = await resultsOf(id)
  expect(results.map((result) => result.id)).toEqual(['row-0', 'row-1', 'row-2'])
  expect(results[0]).toEqual({
    id: 'row-0',
    answer: {
      choices: [{ text: expect.stringContaining('[Solution]'), finishReason: 'stop' }],
      usage: { inputTokens: 12, outputTokens: 3 },
      model: 'small',
    },
  })
  expect(jobs).toMatchObject({ mostRequests: 100_000, mostBytes: 255_000_000, priceShare: 0.5 })
})

test('a line is what a call online would send', () => {
  expect(JSON.parse(jobs.toLine({ id: 'row-1', request: request('Hello') }))).toEqual({
    custom_id: 'row-1',
    params: {
      model: 'claude-opus-5',
      max_tokens: 8192,
      system: 'You answer briefly.',
      messages: [{ role: 'user', content: 'Hello' }],
    },
  })
})

test.for([
  ['claude-opus-5', '2026-10-21'],
  ['claude-haiku-4-5', '2023-06-01'],
] as const)('%s is asked by version %s of the API, with its key', async ([model, version]) => {
  const other = await live(model)
  await jobsOf(other).submit(intent(1), linesOf(requests(1)), signal)
  await other.close?.()
  expect(fake.calls[0]).toMatchObject({
    call: 'POST /v1/messages/batches',
    headers: {
      authorization: `Bearer ${key}`,
      'anthropic-version': version,
      'content-type': 'application/json',
    },
  })
})

test('an empty batch is still JSON', async () => {
  expect((await submit(0)).batch.requests).toEqual([])
})

test('requests that were not tried have no result, and those that failed have an error', async () => {
  const { id, batch } = await submit(7)
  const outcomes: object[] = [
    { type: 'succeeded', message: messageOf([{ type: 'text', text: 'Hi' }]) },
    { type: 'errored', error: anthropicError('invalid_request_error', 'max_tokens: too many') },
    { type: 'errored', error: anthropicError('api_error', 'Internal server error') },
    { type: 'errored', error: anthropicError('overloaded_error', `Busy, ${key}`) },
    { type: 'expired' },
    { type: 'canceled' },
    { type: 'succeeded', message: { id: 'msg_1' } },
  ]
  batch.resultOf = (one) => outcomes[Number(one.slice('row-'.length))] ?? {}
  batch.state = 'ended'
  expect(await jobs.status(id, signal)).toMatchObject({ finished: 7, problem: 'expired' })
  const results = await resultsOf(id)
  expect(results).toMatchObject([
    { id: 'row-0', answer: { choices: [{ text: 'Hi' }] } },
    { id: 'row-1', error: { code: 'request-invalid', verdict: 'reject' } },
    { id: 'row-2', error: { code: 'provider-unavailable', verdict: 'retry' } },
    { id: 'row-3', error: { code: 'provider-unavailable', verdict: 'retry' } },
    { id: 'row-6', error: { code: 'request-invalid' } },
  ])
  expect(String(results.map((result) => 'error' in result && String(result.error)))).not.toContain(
    key,
  )
})

test('a batch is cancelled, also one that has ended', async () => {
  const { id, batch } = await submit(2)
  await jobs.cancel(id, signal)
  expect(batch.state).toBe('canceling')
  batch.resultOf = () => ({ type: 'canceled' })
  batch.state = 'ended'
  expect(await jobs.status(id, signal)).toEqual({
    state: 'ended',
    finished: 2,
    problem: 'cancelled',
  })
  expect(await resultsOf(id)).toEqual([])
  await expect(jobs.cancel(id, signal)).resolves.toBeUndefined()
})

test('a batch that is still going cannot be read', async () => {
  const { id } = await submit(1)
  await expect(resultsOf(id)).rejects.toMatchObject({ code: 'endpoint-wrong' })
})

test('a batch whose results are gone has none', async () => {
  const { id, batch } = await submit(1)
  Object.assign(batch, { state: 'ended', isArchived: true })
  expect(await jobs.status(id, signal)).toMatchObject({ state: 'ended', problem: 'archived' })
  expect(await resultsOf(id)).toEqual([])
})

test('a batch that was deleted is told so', async () => {
  const error = await jobs.status('msgbatch_9', signal).catch(String)
  expect(error).toContain(`${fake.url}/v1/messages/batches/msgbatch_9`)
  expect(error).toContain('that the batch was not deleted')
})

test('the batch of an intent is found by its time and its size', async () => {
  const { id } = await submit(2)
  await submit(3)
  expect(await jobs.find(intent(2), new Set(), signal)).toEqual({ id, isCertain: false })
  expect(await jobs.find(intent(2), new Set([id]), signal)).toBeUndefined()
  expect(await jobs.find(intent(4), new Set(), signal)).toBeUndefined()
  const later = Date.now() + 3_600_000
  expect(await jobs.find(intent(2, later), new Set(), signal)).toBeUndefined()
})

test('the batch of an intent is found behind many others, and no further back than it may be', async () => {
  const { id, batch } = await submit(2)
  const begun = batch.createdAt
  for (let index = 0; index < 250; index++) fake.batches.push({ ...batch, id: `other-${index}` })
  const others = new Set(fake.batches.map((one) => one.id).filter((one) => one !== id))
  expect(await jobs.find(intent(2), others, signal)).toEqual({ id, isCertain: false })
  const lists = () => fake.calls.filter(({ call }) => call === 'GET /v1/messages/batches').length
  expect(lists()).toBe(3)
  for (const one of fake.batches) one.createdAt = begun - 600_000
  expect(await jobs.find(intent(2), new Set(), signal)).toBeUndefined()
  expect(lists()).toBe(4)
})

test.for([
  ['a page', { status: 200, body: '<html>Welcome</html>' }, 'endpoint-wrong'],
  [
    'an error',
    { status: 200, body: anthropicError('overloaded_error', 'Busy') },
    'provider-unavailable',
  ],
  [
    'a 529',
    { status: 529, body: anthropicError('overloaded_error', 'Busy') },
    'provider-unavailable',
  ],
  ['a 401', { status: 401, body: anthropicError('authentication_error', 'No') }, 'authentication'],
] as const)(
  '%s in the place of results, or of anything else, is an error',
  async ([, reply, code]) => {
    const { id, batch } = await submit(1)
    batch.state = 'ended'
    fake.respond = () => reply
    await expect(resultsOf(id)).rejects.toMatchObject({ code })
    await expect(jobs.status(id, signal)).rejects.toMatchObject({ code })
    await expect(jobs.cancel(id, signal)).rejects.toMatchObject({ code })
    await expect(jobs.find(intent(1), new Set(), signal)).rejects.toMatchObject({ code })
    const again = jobs.submit(intent(1), linesOf(requests(1)), signal)
    await expect(again).rejects.toMatchObject({ code })
  },
)

test('a reply that describes no batch is none', async () => {
  fake.respond = () => ({ status: 200, body: { id: 'msgbatch_1' } })
  await expect(submit(1)).rejects.toMatchObject({
    code: 'provider-unavailable',
    message: expect.stringContaining('describes no batch'),
  })
})

test('lines that cannot be read end the batch, and so does a signal', async () => {
  const broken = new Error('The store is gone.')
  async function* lines(): AsyncGenerator<string> {
    yield jobs.toLine({ id: 'row-1', request: request('Hello') })
    throw broken
  }
  await expect(jobs.submit(intent(2), lines(), signal)).rejects.toBe(broken)
  expect(fake.batches).toEqual([])
  const reason = new Error('cancelled')
  const aborted = AbortSignal.abort(reason)
  await expect(jobs.status('msgbatch_1', aborted)).rejects.toBe(reason)
})
