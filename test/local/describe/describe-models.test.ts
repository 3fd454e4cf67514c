import { expect, test } from 'vitest'

import * as retort from '../../../src/index.ts'
import { describeModelType, listModelTypes } from '../../../src/local/describe/describe-models.ts'
import { builtInRegistry } from '../../../src/registry.ts'
import { errorOf } from '../../core/error-of.ts'

const types = listModelTypes().map(({ type }) => type)

test('every type is listed once, those that answer first', () => {
  expect(types.toSorted()).toEqual([...builtInRegistry.models.keys()].toSorted())
  const kinds = listModelTypes().map(({ kind }) => kind)
  expect([...new Set(kinds)]).toEqual(['llm', 'embeddings', 'images'])
  expect(kinds).toEqual(kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)))
})
const order = ['llm', 'embeddings', 'images']

test.each(types)('%s is told in a sentence, and made by a factory that is public', (type) => {
  const { description, factory, kind, capabilities } = describeModelType(type)
  expect(description).toMatch(/^[A-Z].*\.$/)
  const create: unknown = Reflect.get(retort, factory ?? '')
  if (typeof create !== 'function') throw new Error(`There is no factory '${factory}'.`)
  expect(create({ aggregator: {}, proposers: [] })).toMatchObject({ type })
  expect(capabilities !== null).toBe(kind === 'llm')
})

test.each(types)('each parameter of %s is told in a sentence', (type) => {
  for (const { path, description } of describeModelType(type).params)
    expect(`${path}: ${description}`).toMatch(/: [A-Z0-9].*\.$/s)
})

test('a type tells its parameters with what holds by default', () => {
  const { params, keyVariable } = describeModelType('MistralLLM')
  expect(keyVariable).toBe('MISTRAL_API_KEY')
  const byPath = Object.fromEntries(params.map((param) => [param.path, param]))
  expect(byPath['model']).toMatchObject({ type: 'string', isRequired: true })
  expect(byPath['apiKeyEnv']).toMatchObject({ default: 'MISTRAL_API_KEY', isRequired: false })
  expect(byPath['baseURL']).toMatchObject({ default: 'https://api.mistral.ai' })
  expect(byPath['timeouts.silenceSeconds']).toMatchObject({ type: 'number', default: 60 })
  expect(byPath['generationKwargs.temperature']?.description).toContain('Randomness')
})

test('a package that is needed is looked for', () => {
  const info = (type: string) => listModelTypes().find((one) => one.type === type)
  expect(info('AnthropicLLM')).toMatchObject({ package: '@anthropic-ai/sdk', isInstalled: true })
  expect(info('OpenAILLM')).toMatchObject({ package: null, isInstalled: true })
})

test('a factory stands for its type, and an unknown name for what is like it', () => {
  expect(describeModelType('openai').type).toBe('OpenAILLM')
  const said = (name: string) => errorOf(() => describeModelType(name)).message
  expect(said('Groq')).toBe("There is no type of model 'Groq'. Did you mean 'GroqLLM'?")
  expect(said('MistralLM')).toBe(
    "There is no type of model 'MistralLM'. Did you mean 'MistralLLM'?",
  )
  expect(said('Mistral')).toBe(
    "There is no type of model 'Mistral'. There are: 'MistralLLM', 'MistralEmbeddings'.",
  )
  expect(said('Hal9000')).toMatch(/^There is no type of model 'Hal9000'\. There are: 'OpenAILLM', /)
})
