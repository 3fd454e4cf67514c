import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineStep } from '../../src/core/define-step.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { withDefinitions } from '../../src/core/registry.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { defineLLM } from '../../src/models/own-models.ts'
import { chain, littleRegistry, registryWithCode, resolve } from './little-registry.ts'

const openai = (params: JsonObject = {}, limits?: JsonObject): JsonObject => ({
  type: 'OpenAILLM',
  params: { model: 'gpt-4o-mini', ...params },
  ...(limits === undefined ? {} : { limits }),
})
const judge = (params: JsonObject = {}, step: Partial<StepSpec> = {}) =>
  signatureOf({ type: 'Judge', params: { aspect: 'truth', llm: openai(), ...params }, ...step })
const count = (params: JsonObject = {}) => signatureOf({ type: 'Count', params })

function signatureOf(step: Omit<StepSpec, 'name'> & { name?: string }, registry = littleRegistry) {
  const steps = chain({ type: 'Prompts' }, { type: 'Split' }, step)
  return resolve(steps, { registry }).at(-1)?.signature
}

test('a signature is 64 hexadecimal digits', () => {
  expect(judge()).toMatch(/^[0-9a-f]{64}$/)
})

test.each<[what: string, signature: () => string | undefined]>([
  ['another parameter', () => judge({ aspect: 'honesty' })],
  ['several answers', () => judge({ numGenerations: 2 })],
  ['grouped answers', () => judge({ groupGenerations: true })],
  ['raw texts', () => judge({ addRawOutput: true })],
  ['another model', () => judge({ llm: openai({ model: 'gpt-4o' }) })],
  ['another server', () => judge({ llm: openai({ baseURL: 'http://127.0.0.1:1/v1' }) })],
  ['another provider', () => judge({ llm: openai({ provider: 'mine' }) })],
  [
    'a parameter of generation',
    () => judge({ llm: openai({ generationKwargs: { temperature: 1 } }) }),
  ],
  ['a model that makes its answers up', () => judge({ llm: { type: 'SimulatedLLM', params: {} } })],
  ['a mapped input', () => judge({}, { inputs: { prompt: 'head' } })],
  ['a mapped output', () => judge({}, { outputs: { rating: 'score' } })],
  [
    'other code',
    () =>
      signatureOf(
        { type: 'Judge', params: { aspect: 'truth', llm: openai() } },
        registryWithCode('code-2'),
      ),
  ],
])('%s changes the signature', (_, signature) => {
  expect(signature()).not.toBe(judge())
})

test.each<[what: string, signature: () => string | undefined]>([
  ['the batch size', () => judge({ inputBatchSize: 7 })],
  ['a limit', () => judge({ llm: openai({}, { maxConcurrency: 3, group: 'mine' }) })],
  ['the variable of the key', () => judge({ llm: openai({ apiKeyEnv: 'OTHER_KEY' }) })],
  ['the name of the step', () => judge({}, { name: 'other' })],
  ['the task queue', () => judge({}, { taskQueue: 'gpu' })],
  [
    'a default of every task, written out,',
    () =>
      judge({
        numGenerations: 1,
        groupGenerations: false,
        addRawInput: false,
        addRawOutput: false,
      }),
  ],
  [
    'a named provider that is the same for another server',
    () =>
      judge({
        llm: openai({ provider: 'https://api.openai.com/v1', baseURL: 'http://127.0.0.1:1/v1' }),
      }),
  ],
])('%s changes no signature', (_, signature) => {
  expect(signature()).toBe(judge())
})

test('the type changes the signature', () => {
  expect(signatureOf({ type: 'Trim' })).not.toBe(signatureOf({ type: 'Count' }))
})

test('an own default, written out, and an unsigned parameter change no signature', () => {
  expect(count({ unit: 'letters', log: 'there.txt' })).toBe(count())
  expect(count({ unit: 'words' })).not.toBe(count())
})

test('what comes before a step changes no signature', () => {
  const [, before] = resolve(chain({ type: 'Prompts' }, { type: 'Count' }))
  const after = resolve(chain({ type: 'Prompts' }, { type: 'Split' }, { type: 'Count' })).at(-1)
  expect(after?.signature).toBe(before?.signature)
})

test('a parameter named llm of a step that asks no model was once left out of its signature', () => {
  const { definition } = defineStep({
    type: 'Names',
    params: z.object({ llm: z.string() }),
    inputs: z.object({}),
    outputs: z.object({}),
    *process() {},
  })
  const registry = withDefinitions(littleRegistry, [definition], 'code-1')
  const named = (llm: string) => signatureOf({ type: 'Names', params: { llm } }, registry)
  expect(named('a')).not.toBe(named('b'))
})

test('the code of a model counts where it is not built in', () => {
  const { definition } = defineLLM({
    type: 'OwnLLM',
    params: z.object({}),
    identity: () => ({ provider: 'own', model: 'own', parameters: {} }),
    create: () => Promise.reject(new TypeError('never asked')),
  })
  const signed = (code: string) =>
    signatureOf(
      { type: 'Judge', params: { aspect: 'truth', llm: { type: 'OwnLLM', params: {} } } },
      withDefinitions(littleRegistry, [definition], code),
    )
  expect(signed('code-1')).toBe(signed('code-1'))
  expect(signed('code-2')).not.toBe(signed('code-1'))
})
