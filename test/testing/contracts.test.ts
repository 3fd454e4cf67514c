import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import type { ChatAnswer, EmbeddingModel, ImageModel, LLM } from '../../src/index.ts'
import { embeddingsContract, imagesContract, llmContract } from '../../src/testing/index.ts'
import type { ContractCase } from '../../src/testing/index.ts'
import { png } from '../models/images.ts'

const shared = { type: 'Own', model: 'own', isSimulated: false }
const usage = { inputTokens: 1, outputTokens: 0 }

/** The names of the cases that fail, with what they say. */
async function failing(cases: readonly ContractCase[]): Promise<Readonly<Record<string, string>>> {
  const failed: Record<string, string> = {}
  for (const { name, run } of cases)
    await run().catch((error: Error) => {
      expect(error.name).toBe('AssertionError')
      failed[name] = error.message.split('\n')[0] ?? ''
    })
  return failed
}

const llm: LLM = {
  ...shared,
  mostChoices: 4,
  async chat({ messages, choices = 1 }, { signal } = {}) {
    signal?.throwIfAborted()
    const text = JSON.stringify(messages.at(-1)?.content)
    return {
      choices: Array.from({ length: choices }, () => ({ text, finishReason: 'stop' })),
      usage: { inputTokens: 2, outputTokens: 3 },
      model: 'own',
    }
  },
}
const changed = (change: (answer: ChatAnswer) => object): LLM => ({
  ...llm,
  chat: async (...asked) => ({
    ...(await llm.chat(...asked)),
    ...change(await llm.chat(...asked)),
  }),
})

test('a sound model passes', async () => {
  let closed = 0
  const create = async () => ({ ...llm, close: async () => void closed++ })
  const cases = llmContract(create)
  expect(await failing(cases)).toEqual({})
  expect(closed).toBe(cases.length)
})

const answers = 'a model answers a conversation with a text, its usage and its name'

test.for<[string, string, LLM]>([
  [
    answers,
    'usage.inputTokens is NaN, which is no count of tokens',
    changed(() => ({ usage: { inputTokens: Number.NaN, outputTokens: 1 } })),
  ],
  [answers, 'usage.outputTokens is 0', changed(() => ({ usage }))],
  [answers, 'one answer is wanted', changed(() => ({ choices: [] }))],
  [answers, 'the answer does not say which model gave it', changed(() => ({ model: '' }))],
  [
    'a model answers many conversations at once, each with its own answer',
    'different questions got the same answer',
    changed(() => ({ choices: [{ text: 'Same.', finishReason: 'stop' }] })),
  ],
  [
    'a model gives as many answers at once as are wanted and it can',
    'Expected values to be strictly equal:',
    changed(({ choices }) => ({ choices: choices.slice(0, 1) })),
  ],
  [
    'a model leaves the request as it is',
    'it changed the request',
    {
      ...llm,
      chat: (request, options) => {
        Object.assign(request, { sampleIndex: 1 })
        return llm.chat(request, options)
      },
    },
  ],
  [
    'a model throws the reason of a signal that was aborted before',
    'it did not throw the reason of the signal',
    { ...llm, chat: (request) => llm.chat(request) },
  ],
  ['a live model says what it is', 'its name is empty', { ...llm, model: '' }],
])('where not "%s": %s', async ([name, sentence, broken]) => {
  expect(await failing(llmContract(async () => broken))).toMatchObject({ [name]: sentence })
})

const embeddings: EmbeddingModel = {
  ...shared,
  mostTexts: 8,
  mostTokens: 100,
  async embed({ texts }, { signal } = {}) {
    signal?.throwIfAborted()
    const vectors = texts.map((text) => {
      const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0)
      return Float32Array.from({ length: 64 }, (_, at) => Math.sin((codes[at] ?? 0) * (at + 1)))
    })
    return { vectors, usage, model: 'own' }
  },
}
const vectorsOf = (change: (vectors: readonly Float32Array[]) => readonly Float32Array[]) => ({
  ...embeddings,
  embed: async (...asked: Parameters<EmbeddingModel['embed']>) => {
    const reply = await embeddings.embed(...asked)
    return { ...reply, vectors: change(reply.vectors) }
  },
})

test('a sound model of vectors passes', async () => {
  expect(await failing(embeddingsContract(async () => embeddings))).toEqual({})
})

test.for<[string, string, EmbeddingModel]>([
  [
    'a text has a vector of finite numbers, and the call its usage and its name',
    'the vector holds what is no finite number',
    vectorsOf(() => [Float32Array.of(Number.NaN)]),
  ],
  [
    'each of several texts has the vector that it has alone, in their order',
    'text 2 of 4 has another vector than alone',
    vectorsOf((vectors) => vectors.toReversed()),
  ],
  [
    'as many texts as it takes at once have as many vectors',
    'each text has one vector',
    vectorsOf((vectors) => vectors.slice(0, 4)),
  ],
])('where not "%s": %s', async ([name, sentence, broken]) => {
  expect(await failing(embeddingsContract(async () => broken))).toMatchObject({ [name]: sentence })
})

test('a model of images passes where it says their type', async () => {
  const makes = (mediaType: string): ImageModel => ({
    ...shared,
    async generate(_request, { signal } = {}) {
      signal?.throwIfAborted()
      return { image: { bytes: png, mediaType }, usage, model: 'own' }
    },
  })
  expect(await failing(imagesContract(async () => makes('image/png')))).toEqual({})
  const failed = await failing(imagesContract(async () => makes('image/webp')))
  expect(Object.values(failed)).toEqual(
    Array.from({ length: 2 }, () => 'its mediaType is not what its bytes say'),
  )
})

test("Node's own runner takes the cases", async () => {
  const { href } = new URL('../../src/', import.meta.url)
  const script = `
    import { describe, it } from 'node:test'
    import { simulated } from '${href}index.ts'
    import { simulatedLLM } from '${href}models/simulated/simulated-llm.ts'
    import { llmContract } from '${href}testing/index.ts'
    describe('SimulatedLLM', () => {
      for (const { name, run } of llmContract(() => simulatedLLM.create(simulated(), {}))) it(name, run)
    })`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--test-reporter=tap',
    '--eval',
    script,
  ])
  expect(stdout).toContain('ok 1 - a model answers a conversation')
  expect(stdout).toMatch(/^# pass 6$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
})
