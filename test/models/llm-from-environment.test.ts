import { expect, test } from 'vitest'

import {
  llmFromEnvironment,
  llmFromEnvironmentDefinition,
  resolveModel,
} from '../../src/models/llm-from-environment.ts'
import { openai } from '../../src/models/openai/openai-llm.ts'

const spec = llmFromEnvironment({
  generationKwargs: { temperature: 0.5 },
  limits: { maxConcurrency: 3 },
})

test("Mistral's key wins over OpenAI's", () => {
  const environment = { MISTRAL_API_KEY: 'a', OPENAI_API_KEY: 'b' }
  expect(resolveModel(spec, environment)).toEqual({
    type: 'MistralLLM',
    params: { model: 'mistral-small-latest', generationKwargs: { temperature: 0.5 } },
    limits: { maxConcurrency: 3 },
  })
})

test("OpenAI's key is taken where there is none of Mistral's", () => {
  const environment = { MISTRAL_API_KEY: ' ', OPENAI_API_KEY: 'b' }
  expect(resolveModel(spec, environment)).toEqual({
    type: 'OpenAILLM',
    params: { model: 'gpt-4o-mini', generationKwargs: { temperature: 0.5 } },
    limits: { maxConcurrency: 3 },
  })
  const moved = { ...environment, OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }
  expect(resolveModel(spec, moved).params).toMatchObject({ baseURL: 'http://127.0.0.1:1/v1' })
})

test('answers are simulated where there is no key', async () => {
  expect(resolveModel(spec, {})).toEqual({
    type: 'SimulatedLLM',
    params: {},
    limits: { maxConcurrency: 3 },
  })
  const llm = await llmFromEnvironmentDefinition.create(spec, {})
  expect(llm.isSimulated).toBe(true)
})

test('prices are those of a model that is asked, not of a simulated one', () => {
  const prices = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
  const priced = llmFromEnvironment({ prices })
  expect(resolveModel(priced, { MISTRAL_API_KEY: 'a' })).toMatchObject({ prices })
  expect(resolveModel(priced, { OPENAI_API_KEY: 'a' })).toMatchObject({ prices })
  expect(resolveModel(priced, {})).not.toHaveProperty('prices')
})

test('models that are named stay as they are', () => {
  const named = openai({ model: 'gpt-4o' })
  expect(resolveModel(named, { MISTRAL_API_KEY: 'a' })).toBe(named)
})
