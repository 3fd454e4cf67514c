import { expect, test } from 'vitest'

import type { JsonObject } from '../../src/core/json.ts'
import type { Environment } from '../../src/core/environment.ts'
import { modelDefinitions } from '../../src/models/model-definitions.ts'
import { openAILLM, openai } from '../../src/models/openai/openai-llm.ts'

function problem(params: JsonObject, environment: Environment = { OPENAI_API_KEY: 'k' }): unknown {
  try {
    openAILLM.check({ type: 'OpenAILLM', params }, environment, 'judge')
    return undefined
  } catch (error) {
    return error
  }
}

test('every type of model stands under its name', () => {
  for (const [type, definition] of modelDefinitions) expect(definition.type).toBe(type)
  expect(modelDefinitions.has('OpenAILLM')).toBe(true)
})

test('a sound model passes the check', () => {
  const { params } = openai({ model: 'gpt-4o', generationKwargs: { stop: 'END' } })
  expect(problem(params)).toBeUndefined()
})

test('a spec is plain JSON that keeps nothing absent', () => {
  const prices = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
  const spec = openai({
    model: 'gpt-4o',
    provider: undefined,
    limits: { maxConcurrency: 2 },
    prices,
  })
  expect(Object.keys(spec)).toEqual(['type', 'params', 'limits', 'prices'])
  expect(spec.prices).toEqual(prices)
  expect(JSON.parse(JSON.stringify(spec))).toEqual({ ...spec })
  expect(spec.params).toEqual({ model: 'gpt-4o' })
})

test('an unknown parameter is named, with the nearest that there is', () => {
  expect(problem({ model: 'm', bseURL: 'http://x' })).toMatchObject({
    code: 'parameter-unknown',
    message:
      "The model of step 'judge' (OpenAILLM) has no parameter 'bseURL'. Did you mean 'baseURL'?",
  })
  expect(problem({ model: 'm', generationKwargs: { temprature: 1 } })).toMatchObject({
    code: 'parameter-unknown',
    message: expect.stringContaining("'generationKwargs.temprature'. Did you mean 'temperature'?"),
  })
})

test.for([
  [{}, "needs the parameter 'model'"],
  [{ model: '' }, "Parameter 'model' of the model of step 'judge' (OpenAILLM) is "],
  [{ model: 'm', baseURL: 'nowhere' }, "Parameter 'baseURL'"],
  [{ model: 'm', apiKeyEnv: 'MY KEY' }, "Parameter 'apiKeyEnv'"],
  [{ model: 'm', generationKwargs: { maxNewTokens: 0 } }, "'generationKwargs.maxNewTokens'"],
  [{ model: 'm', timeouts: { callSeconds: -1 } }, "'timeouts.callSeconds'"],
  [{ model: 'm', timeouts: { firstByteSeconds: 0 } }, "'timeouts.firstByteSeconds'"],
  [{ model: 'm', timeouts: { silenceSeconds: 'long' } }, "'timeouts.silenceSeconds'"],
  [{ model: 'm', timeouts: { connectSeconds: 100_000 } }, "'timeouts.connectSeconds'"],
] as const)('parameters %o are invalid', ([params, sentence]) => {
  expect(problem(params)).toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining(sentence),
  })
})

test.for<JsonObject>([
  { model: 'm', apiKey: 'anything' },
  { model: 'm', generationKwargs: { extraBody: { authorization: 'x' } } },
  { model: 'sk-abcdef0123456789' },
  { model: 'm', provider: 'the-value-of-a-key' },
  { model: 'm', generationKwargs: { extraBody: { headers: ['Bearer abcdef'] } } },
  { model: 'm', baseURL: 'https://me:secret@host/v1' },
])('a key in %o is refused and not repeated', (params) => {
  const error = problem(params, { OPENAI_API_KEY: 'k', OTHER_API_KEY: 'the-value-of-a-key' })
  expect(error).toMatchObject({ code: 'key-in-spec', verdict: 'invalid' })
  expect(String(error)).not.toMatch(/anything|sk-abc|the-value|abcdef|me:secret/)
})

test('a key that is not set is missed by the name of its variable', async () => {
  const sentence = expect.stringContaining('MY_KEY, which is not set')
  const missing = { code: 'key-missing', message: sentence, data: { variable: 'MY_KEY' } }
  expect(problem({ model: 'm', apiKeyEnv: 'MY_KEY' }, { MY_KEY: ' ' })).toMatchObject(missing)
  const spec = openai({ model: 'm', apiKeyEnv: 'MY_KEY' })
  await expect(openAILLM.create(spec, {})).rejects.toMatchObject(missing)
})

test('a key that no header can carry is refused and not repeated', () => {
  const error = problem({ model: 'm' }, { OPENAI_API_KEY: 'secret\nvalue' })
  expect(error).toMatchObject({ code: 'key-missing' })
  expect(String(error)).not.toContain('secret')
})

test('a server without a key needs no variable', () => {
  expect(problem({ model: 'm', apiKeyEnv: null }, {})).toBeUndefined()
})
