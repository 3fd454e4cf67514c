import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { prompt, user } from '../../../src/core/chat.ts'
import type { ChatRequest } from '../../../src/core/chat.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import {
  type LlamaCppOptions,
  llamaCpp,
  llamaCppLLM,
} from '../../../src/models/llama-cpp/llama-cpp-llm.ts'
import { toMemoryError } from '../../../src/models/llama-cpp/load-gguf.ts'
import { countTicks } from '../count-ticks.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'
import { writeTinyGGUF } from './tiny-gguf.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-gguf-'))
const modelPath = join(folder, 'tiny.gguf')
let llm: LLM

function create(options: Partial<LlamaCppOptions> = {}): Promise<LLM> {
  const { generationKwargs, ...rest } = options
  const spec = llamaCpp({
    modelPath,
    threads: 1,
    ...rest,
    generationKwargs: { seed: 1, ...generationKwargs },
  })
  return llamaCppLLM.create(spec, {})
}

beforeAll(async () => {
  await writeTinyGGUF(modelPath)
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
  const other = await llm.chat(request('Hello', { seed: 2 }))
  expect(other.choices).not.toEqual(first.choices)
})

test('several answers to one conversation differ, with a seed and without', async () => {
  const asked = request('Hello')
  const seeded = await Promise.all([0, 1].map((sampleIndex) => llm.chat({ ...asked, sampleIndex })))
  expect(new Set(seeded.map(textOf)).size).toBe(2)
  const free = await llamaCppLLM.create(llamaCpp({ modelPath, threads: 1 }), {})
  const drawn = await Promise.all([0, 0, 0].map(() => free.chat(asked)))
  expect(new Set(drawn.map(textOf)).size).toBe(3)
  await free.close?.()
})

test('parameters of generation decide what is drawn', async () => {
  const greedy = await llm.chat(request('Hello', { temperature: 0, maxNewTokens: 12 }))
  const narrow = await llm.chat(request('Hello', { topK: 1, seed: 9, maxNewTokens: 12 }))
  expect(textOf(narrow)).toBe(textOf(greedy))
  const likeliest = await llm.chat(request('Hello', { topP: 0, seed: 9, maxNewTokens: 12 }))
  expect(textOf(likeliest)).toBe(textOf(greedy))
  const strict = await llm.chat(request('Hello', { minP: 1, seed: 9, maxNewTokens: 12 }))
  expect(textOf(strict)).toBe(textOf(greedy))
  for (const penalty of ['frequencyPenalty', 'presencePenalty', 'repeatPenalty']) {
    const long = { temperature: 0, maxNewTokens: 60 }
    const plain = await llm.chat(request('Repeat', long))
    const varied = await llm.chat(request('Repeat', { ...long, [penalty]: 2 }))
    expect(textOf(varied), penalty).not.toBe(textOf(plain))
  }
})

test('an answer ends at its length, at a stop text or by itself, and says which', async () => {
  const short = await llm.chat(request('Hello', { maxNewTokens: 3 }))
  expect(short.choices[0]?.finishReason).toBe('length')
  expect(short.usage.outputTokens).toBe(3)
  const whole = await llm.chat(request('Hello', { maxNewTokens: 2000 }))
  expect(whole.choices[0]?.finishReason).toBe('stop')
  const text = textOf(whole)
  const stop = text.slice(5, 7)
  const stopped = await llm.chat(request('Hello', { stop: [stop, 'never comes'] }))
  expect(textOf(stopped)).toBe(text.slice(0, text.indexOf(stop)))
  expect(stopped.choices[0]?.finishReason).toBe('stop')
})

test('a raw prompt is continued as it stands, and the chat template is put around a conversation', async () => {
  const conversation = [user('Hello')]
  const written = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n'
  const [chat, raw, bare] = await Promise.all(
    [conversation, [prompt(written)], [prompt('Hello')]].map((messages) =>
      llm.chat({ messages, parameters: {}, sampleIndex: 0 }),
    ),
  )
  expect(raw).toEqual(chat)
  expect(bare).not.toEqual(chat)
  // The mark of a beginning, three letters and a syllable.
  expect(bare?.usage.inputTokens).toBe(5)
})

test('a chat template of the user stands in the place of the own one', async () => {
  const chatTemplate =
    "{{ bos_token }}{% for m in messages %}{{ m['role'] + ':' + m['content'] }}{% endfor %}"
  const own = await create({ chatTemplate })
  const messages = [user('Hello')]
  const chat = await own.chat({ messages, parameters: {}, sampleIndex: 0 })
  const raw = await own.chat({ messages: [prompt('user:Hello')], parameters: {}, sampleIndex: 0 })
  expect(chat).toEqual(raw)
  await own.close?.()
  await expect(create({ chatTemplate: '{% for %}' })).rejects.toMatchObject({
    code: 'template-invalid',
  })
})

test('a model without a chat template says so when it is asked a conversation', async () => {
  const path = join(folder, 'base.gguf')
  await writeTinyGGUF(path, { chatTemplate: null })
  const base = await create({ modelPath: path })
  await expect(base.chat(request('Hello'))).rejects.toMatchObject({
    code: 'template-invalid',
    message:
      "LlamaCppLLM 'base' has no chat template of its own; set chatTemplate, or ask it with raw prompts.",
  })
  const raw: ChatRequest = { messages: [prompt('Once')], parameters: {}, sampleIndex: 0 }
  expect(textOf(await base.chat(raw))).not.toBe('')
  await base.close?.()
})

test('what a template refuses, and images, reject the row', async () => {
  const own = await create({ chatTemplate: "{{ raise_exception('No system message.') }}" })
  await expect(own.chat(request('Hello'))).rejects.toMatchObject({
    code: 'request-invalid',
    message: expect.stringContaining('does not take this conversation: No system message.'),
  })
  const image = { type: 'image', url: 'data:image/png;base64,AA==' } as const
  const messages = [user([image])]
  await expect(own.chat({ messages, parameters: {}, sampleIndex: 0 })).rejects.toMatchObject({
    code: 'request-invalid',
  })
  await own.close?.()
})

test('a prompt that the context cannot hold is rejected, and a long answer ends where the context does', async () => {
  const small = await create({ contextSize: 256, parallel: 1 })
  await expect(small.chat(request('x'.repeat(300)))).rejects.toMatchObject({
    code: 'context-length',
    verdict: 'reject',
    message: expect.stringMatching(
      /^LlamaCppLLM 'tiny' cannot read a prompt of \d+ tokens: its context holds 256; raise contextSize/,
    ),
  })
  const full = await small.chat({
    messages: [prompt('x'.repeat(240))],
    parameters: { temperature: 0, stop: [], maxNewTokens: 500, seed: 4 },
    sampleIndex: 0,
  })
  expect(full.usage.inputTokens + full.usage.outputTokens).toBeLessThanOrEqual(256)
  const again = await small.chat(request('Hello', { maxNewTokens: 5 }))
  expect(again.usage.outputTokens).toBe(5)
  await small.close?.()
})

test('what memory cannot hold is told from other failures', async () => {
  const module = await import('node-llama-cpp')
  const short = new module.InsufficientMemoryError('too large')
  expect(toMemoryError(module, "LlamaCppLLM 'tiny'", short)).toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining("LlamaCppLLM 'tiny' needs more memory than there is"),
    cause: short,
  })
  const other = new Error('other')
  expect(toMemoryError(module, 'anybody', other)).toBe(other)
})

test('a signal ends an answer while it is written and one that waits, and others go on', async () => {
  const one = await create({ parallel: 1, generationKwargs: { temperature: 0 } })
  const reason = new Error('cancelled')
  const [first, second] = [new AbortController(), new AbortController()]
  const written = one.chat(request('Hello'), { signal: first.signal })
  const waiting = one.chat(request('Hello'), { signal: second.signal })
  const last = one.chat(request('Hello', { maxNewTokens: 4 }))
  second.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  first.abort(reason)
  await expect(written).rejects.toBe(reason)
  expect((await last).usage.outputTokens).toBe(4)
  await one.close?.()
})

test('what is asked of a model that is closed fails, and can be asked again elsewhere', async () => {
  const closed = await create({ parallel: 1 })
  const asked = ['one', 'two'].map((text) => closed.chat(request(text, { temperature: 0 })))
  const settled = Promise.allSettled(asked)
  await closed.close?.()
  const closedError = { code: 'worker-stopping', verdict: 'retry' }
  for (const outcome of await settled)
    expect(outcome).toMatchObject({ status: 'rejected', reason: closedError })
  await expect(closed.chat(request('three'))).rejects.toMatchObject(closedError)
})

test('timers go on while a model computes', async () => {
  const busy = await create({ parallel: 1 })
  const { ticks, longest } = await countTicks(() =>
    busy.chat({ messages: [prompt('x'.repeat(4000))], parameters: {}, sampleIndex: 0 }),
  )
  expect(ticks).toBeGreaterThan(3)
  expect(longest).toBeLessThan(1000)
  await busy.close?.()
})

test('a file is loaded once for all who use it, and stays while one does', async () => {
  const path = join(folder, 'shared.gguf')
  await copyFile(modelPath, path)
  const first = await create({ modelPath: path })
  await rm(path)
  await writeFile(path, 'GGUF\u0003\0\0\0')
  const second = await create({ modelPath: path, generationKwargs: { temperature: 0 } })
  await first.close?.()
  await first.close?.()
  expect(textOf(await second.chat(request('Hello', { maxNewTokens: 3 })))).not.toBe('')
  await second.close?.()
  await expect(create({ modelPath: path })).rejects.toMatchObject({ code: 'file-malformed' })
})

test.for([
  ['absent.gguf', undefined, 'file-missing', "cannot read '"],
  ['text.gguf', 'This is no model.', 'file-malformed', 'needs a GGUF file'],
  ['empty.gguf', '', 'file-malformed', 'needs a GGUF file'],
  ['cut.gguf', 'GGUF\u0003\0\0\0', 'file-malformed', 'could not load'],
] as const)('%s is missed or refused with a sentence', async ([name, content, code, sentence]) => {
  const path = join(folder, name)
  if (content !== undefined) await writeFile(path, content)
  await expect(create({ modelPath: path })).rejects.toMatchObject({
    code,
    verdict: 'invalid',
    message: expect.stringContaining(sentence),
  })
})

test('what decides answers is in the identity, and what does not is not', () => {
  const identity = llamaCppLLM.identity(llamaCpp({ modelPath: '/models/a.gguf' }))
  expect(identity).toEqual({
    provider: 'llama.cpp',
    model: '/models/a.gguf',
    parameters: {
      temperature: 1,
      topP: 1,
      topK: 40,
      minP: 0.05,
      maxNewTokens: 2048,
      structuredMode: 'json-schema',
    },
  })
  const moved = llamaCpp({
    modelPath: '/other/a.gguf',
    model: 'a',
    seed: 5,
    chatTemplate: 'x',
    threads: 3,
    gpuLayers: -1,
    parallel: 2,
    structuredMode: 'instructions',
  })
  expect(llamaCppLLM.identity(moved)).toMatchObject({
    model: 'a',
    parameters: { seed: 5, chatTemplate: 'x', structuredMode: 'instructions' },
  })
  expect(llamaCppLLM.keyVariable(moved)).toBeUndefined()
})

function textOf(answer: Awaited<ReturnType<LLM['chat']>>): string {
  return answer.choices[0]?.text ?? ''
}
