import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { prompt, user } from '../../../src/core/chat.ts'
import type { ChatAnswer } from '../../../src/core/chat.ts'
import type { Environment } from '../../../src/core/environment.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import {
  type TransformersOptions,
  transformers,
  transformersLLM,
} from '../../../src/models/transformers/transformers-llm.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'
import { countTicks } from '../count-ticks.ts'
import { startFakeHub } from './fake-hub.ts'
import { writeTinyDecoder } from './tiny-onnx.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-onnx-'))
const model = join(folder, 'tiny')
let llm: LLM

function create(
  options: Partial<TransformersOptions> = {},
  environment: Environment = {},
): Promise<LLM> {
  const generationKwargs = { seed: 1, ...options.generationKwargs }
  const spec = transformers({ model, threads: 1, ...options, generationKwargs })
  return transformersLLM.create(spec, environment)
}

beforeAll(async () => {
  await writeTinyDecoder(model)
  llm = await create()
})

afterAll(async () => {
  await llm.close?.()
  await rm(folder, { recursive: true })
})

testLLM(create)

test('the same seed gives the same answer, and another seed another', async () => {
  const first = await llm.chat(request('Hello'))
  expect(await llm.chat(request('Hello'))).toEqual(first)
  expect(first.model).toBe('tiny')
  expect(textOf(await llm.chat(request('Hello', { seed: 2 })))).not.toBe(textOf(first))
  const second = await llm.chat({ ...request('Hello'), sampleIndex: 1 })
  expect(textOf(second)).not.toBe(textOf(first))
  const free = await transformersLLM.create(transformers({ model, threads: 1 }), {})
  const drawn = await Promise.all([0, 0, 0].map(() => free.chat(request('Hello'))))
  expect(new Set(drawn.map(textOf)).size).toBe(3)
  await free.close?.()
})

test('parameters of generation decide what is drawn', async () => {
  const short = { maxNewTokens: 12, seed: 9 }
  const greedy = textOf(await llm.chat(request('Hello', { ...short, temperature: 0 })))
  const narrows: readonly JsonObject[] = [
    { doSample: false },
    { topK: 1 },
    { topP: 0 },
    { minP: 1 },
  ]
  for (const narrow of narrows)
    expect(textOf(await llm.chat(request('Hello', { ...short, ...narrow })))).toBe(greedy)
  expect(textOf(await llm.chat(request('Hello', short)))).not.toBe(greedy)
  const long = { temperature: 0, maxNewTokens: 60 }
  const plain = textOf(await llm.chat(request('Repeat', long)))
  for (const penalty of ['frequencyPenalty', 'presencePenalty', 'repetitionPenalty'])
    expect(textOf(await llm.chat(request('Repeat', { ...long, [penalty]: 2 })))).not.toBe(plain)
})

test('what a request leaves out is as the model says of itself', async () => {
  const greedy = join(folder, 'greedy')
  await writeTinyDecoder(greedy, { generation: { do_sample: false } })
  const cautious = await create({ model: greedy })
  const short = { maxNewTokens: 12 }
  const own = textOf(await cautious.chat(request('Hello', short)))
  expect(own).toBe(textOf(await llm.chat(request('Hello', { ...short, temperature: 0 }))))
  const sampled = await cautious.chat(request('Hello', { ...short, doSample: true }))
  expect(textOf(sampled)).toBe(textOf(await llm.chat(request('Hello', short))))
  await cautious.close?.()
})

test('an answer ends at its length, at a stop text or by itself, and says which', async () => {
  const short = await llm.chat(request('Hello', { maxNewTokens: 3 }))
  expect(short.choices[0]?.finishReason).toBe('length')
  expect(short.usage.outputTokens).toBe(3)
  const whole = await llm.chat(request('Hello'))
  expect(whole.choices[0]?.finishReason).toBe('stop')
  const text = textOf(whole)
  const stop = text.slice(5, 7)
  const stopped = await llm.chat(request('Hello', { stop }))
  expect(textOf(stopped)).toBe(text.slice(0, text.indexOf(stop)))
  expect(stopped.choices[0]?.finishReason).toBe('stop')
})

test('a raw prompt is continued as it stands, and a chat template is put around a conversation', async () => {
  const ask = (messages: Parameters<LLM['chat']>[0]['messages'], by = llm) =>
    by.chat({ messages, parameters: {}, sampleIndex: 0 })
  const written = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n'
  expect(await ask([prompt(written)])).toEqual(await ask([user('Hello')]))
  const own = await create({ chatTemplate: "{{ eos_token }}{{ messages[0]['content'] }}" })
  expect(await ask([user('Hello')], own)).toEqual(await ask([prompt('</s>Hello')], own))
  const family = await create({ chatTemplate: 'chatml' })
  expect(await ask([user('Hello')], family)).toEqual(await ask([user('Hello')]))
  await family.close?.()
  await expect(create({ chatTemplate: '{% for %}' })).rejects.toMatchObject({
    code: 'template-invalid',
  })
  await own.close?.()
})

test('a model without a chat template says so, and a form of answers is told in words', async () => {
  const base = join(folder, 'base')
  await writeTinyDecoder(base, { chatTemplate: null })
  const bare = await create({ model: base })
  await expect(bare.chat(request('Hello'))).rejects.toMatchObject({
    code: 'template-invalid',
    message: expect.stringContaining("TransformersLLM 'base' has no chat template of its own"),
  })
  await bare.close?.()
  const plain = await llm.chat(request('Hello'))
  const schema = { type: 'object' }
  const told = await llm.chat({ ...request('Hello'), format: { format: 'json', schema } })
  expect(told.usage.inputTokens).toBeGreaterThan(plain.usage.inputTokens + 100)
})

test('a prompt that the model cannot read is rejected, and an answer ends where its length does', async () => {
  const short = join(folder, 'short')
  await writeTinyDecoder(short, { maxLength: 64 })
  const small = await create({ model: short })
  await expect(small.chat(request('x'.repeat(100)))).rejects.toMatchObject({
    code: 'context-length',
    message: expect.stringMatching(
      /'short' cannot read a prompt of \d+ tokens: it was made for 64/,
    ),
  })
  const messages = [prompt('x'.repeat(60))]
  const full = await small.chat({ messages, parameters: {}, sampleIndex: 0 })
  expect(full.usage.inputTokens + full.usage.outputTokens).toBeLessThanOrEqual(64)
  const nothing = small.chat({ messages: [prompt('')], parameters: {}, sampleIndex: 0 })
  await expect(nothing).rejects.toMatchObject({ code: 'input-invalid' })
  await small.close?.()
})

test('a signal ends an answer while it is written and one that waits, and others go on', async () => {
  const endless = { temperature: 0, repetitionPenalty: 1, maxNewTokens: 2000 }
  const reason = new Error('cancelled')
  const [first, second] = [new AbortController(), new AbortController()]
  const written = llm.chat(request('Hello', endless), { signal: first.signal })
  const waiting = llm.chat(request('Hello', endless), { signal: second.signal })
  const last = llm.chat(request('Hello', { maxNewTokens: 4 }))
  second.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  first.abort(reason)
  await expect(written).rejects.toBe(reason)
  expect((await last).usage.outputTokens).toBe(4)
})

test('what is asked of a model that is closed fails, and can be asked again elsewhere', async () => {
  const closed = await create({ dtype: 'fp32' })
  const asked = ['one', 'two'].map((text) => closed.chat(request(text, { temperature: 0 })))
  const settled = Promise.allSettled(asked)
  await closed.close?.()
  const closedError = { code: 'worker-stopping', verdict: 'retry' }
  for (const outcome of await settled)
    expect(outcome).toMatchObject({ status: 'rejected', reason: closedError })
  await expect(closed.chat(request('three'))).rejects.toMatchObject(closedError)
})

test('timers go on while a model computes', async () => {
  const { ticks, longest } = await countTicks(() =>
    llm.chat({ messages: [prompt('x '.repeat(1000))], parameters: {}, sampleIndex: 0 }),
  )
  expect(ticks).toBeGreaterThan(3)
  expect(longest).toBeLessThan(1000)
})

test('a folder is read once for all who use it, and asks the network for nothing', async () => {
  const shared = join(folder, 'shared')
  await cp(model, shared, { recursive: true })
  const nowhere = { HF_ENDPOINT: 'http://127.0.0.1:1' }
  const first = await create({ model: shared }, nowhere)
  await writeFile(join(shared, 'onnx', 'model.onnx'), 'no model')
  const second = await create({ model: shared, generationKwargs: { topK: 5 } }, nowhere)
  await first.close?.()
  expect(textOf(await second.chat(request('Hello', { maxNewTokens: 3 })))).not.toBe('')
  await second.close?.()
  await expect(create({ model: shared }, nowhere)).rejects.toMatchObject({ code: 'file-malformed' })
})

test('a folder that holds no model is refused with a sentence', async () => {
  await expect(create({ model: join(folder, 'absent') })).rejects.toMatchObject({
    code: 'file-missing',
    message: expect.stringContaining('finds no config.json in'),
  })
  const broken = join(folder, 'broken')
  await cp(model, broken, { recursive: true })
  await expect(create({ model: broken, dtype: 'q8' })).rejects.toMatchObject({
    code: 'file-missing',
    message: expect.stringContaining('model_quantized.onnx'),
  })
  await writeFile(join(broken, 'onnx', 'model.onnx'), 'no model')
  await expect(create({ model: broken })).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringMatching(/^TransformersLLM 'broken' could not load the folder /),
  })
  await writeFile(join(broken, 'config.json'), '{ "model_type": "no-such-type" }')
  await expect(create({ model: broken })).rejects.toMatchObject({ code: 'file-malformed' })
})

test('a model of the Hub is downloaded once, at its revision', async () => {
  await using hub = await startFakeHub({ 'owner/tiny': model })
  const cacheDir = join(folder, 'cache')
  const environment = { HF_ENDPOINT: hub.url }
  const options = { model: 'owner/tiny', revision: 'v1', cacheDir }
  const remote = await create(options, environment)
  expect(remote.model).toBe('owner/tiny')
  expect(textOf(await remote.chat(request('Hello')))).toBe(textOf(await llm.chat(request('Hello'))))
  await remote.close?.()
  expect(hub.asked).toContain('/owner/tiny/resolve/v1/onnx/model.onnx')
  hub.asked.length = 0
  const again = await create(options, environment)
  await again.close?.()
  expect(hub.asked.filter((path) => path.endsWith('.onnx'))).toEqual([])
})

test.for([
  ['owner/absent', 'model-unknown', "misses a file of 'owner/absent' (main) at http://127.0.0.1:"],
  ['owner/private', 'authentication', 'set HF_TOKEN to a key that may'],
  ['owner/failing', 'provider-unavailable', 'could not get'],
] as const)('%s on the Hub is %s', async ([name, code, sentence]) => {
  await using hub = await startFakeHub({}, { 'owner/private': 401, 'owner/failing': 500 })
  const created = create({ model: name, cacheDir: join(folder, 'none') }, { HF_ENDPOINT: hub.url })
  await expect(created).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) })
})

test('a Hub that cannot be reached is a connection lost', async () => {
  const environment = { HF_ENDPOINT: 'http://127.0.0.1:1' }
  const created = create({ model: 'owner/tiny', cacheDir: join(folder, 'none') }, environment)
  await expect(created).rejects.toMatchObject({ code: 'connection-lost' })
})

test('what decides answers is in the identity, and what does not is not', () => {
  const identity = transformersLLM.identity(transformers({ model: 'owner/tiny' }))
  expect(identity).toEqual({
    provider: 'transformers.js',
    model: 'owner/tiny',
    parameters: { maxNewTokens: 2048 },
  })
  const other = transformers({
    model: './tiny',
    revision: 'v1',
    dtype: 'q8',
    device: 'cpu',
    cacheDir: '/cache',
    threads: 2,
    chatTemplate: 'x',
    generationKwargs: { topK: 3 },
  })
  expect(transformersLLM.identity(other)).toEqual({
    provider: 'transformers.js',
    model: './tiny',
    parameters: { maxNewTokens: 2048, topK: 3, revision: 'v1', dtype: 'q8', chatTemplate: 'x' },
  })
})

function textOf(answer: ChatAnswer): string {
  return answer.choices[0]?.text ?? ''
}
