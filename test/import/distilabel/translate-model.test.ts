import { expect, test } from 'vitest'

import { dumped, translatedStep } from './little-dump.ts'

function modelOf(name: string, fields: object): unknown {
  const llm = dumped(name, { model: 'small', ...fields })
  return (translatedStep(dumped('TextGeneration', { llm }))['params'] as { llm: unknown }).llm
}

test('an answer is as long as in distilabel, also where the file does not say', () => {
  expect(modelOf('OpenAILLM', { generation_kwargs: {} })).toEqual({
    type: 'OpenAILLM',
    params: { model: 'small', generationKwargs: { maxNewTokens: 128 } },
  })
  expect(modelOf('OpenAILLM', { generation_kwargs: { max_new_tokens: 9 } })).toMatchObject({
    params: { generationKwargs: { maxNewTokens: 9 } },
  })
  expect(modelOf('MistralLLM', {})).toEqual({ type: 'MistralLLM', params: { model: 'small' } })
})

test('members of a request that have no name here stay in its body', () => {
  const generation_kwargs = {
    response_format: { type: 'json_object' },
    extra_body: { top_k: 40 },
    top_p: null,
    echo: true,
    logprobs: false,
  }
  expect(modelOf('OpenAILLM', { generation_kwargs })).toMatchObject({
    params: {
      generationKwargs: {
        maxNewTokens: 128,
        extraBody: { response_format: { type: 'json_object' }, top_k: 40 },
      },
    },
  })
})

test('the key is read from where the provider has it', () => {
  for (const name of ['ClientvLLM', 'TogetherLLM', 'OpenAILLM']) {
    expect(modelOf(name, {})).toMatchObject({ type: name })
    expect(modelOf(name, {})).not.toHaveProperty('params.apiKeyEnv')
  }
})

test('a time that somebody chose is kept, and the usual one is not', () => {
  expect(modelOf('OpenAILLM', { timeout: 900 })).toMatchObject({
    params: { timeouts: { firstByteSeconds: 900, callSeconds: 900 } },
  })
  expect(modelOf('OpenAILLM', { timeout: 120 })).not.toHaveProperty('params.timeouts')
})

test('calls at once become a limit, and how often a call is repeated is left to the limiter', () => {
  expect(modelOf('MistralLLM', { max_concurrent_requests: 64, max_retries: 9 })).toEqual({
    type: 'MistralLLM',
    params: { model: 'small' },
    limits: { maxConcurrency: 64 },
  })
})

function paramsOfStep(llm: object): unknown {
  return translatedStep(dumped('TextGeneration', { llm }))['params']
}

test('the form of answers is a matter of the step here', () => {
  const schema = { type: 'object', properties: { name: { type: 'string' } } }
  const withFormat = (structured_output: object) =>
    paramsOfStep(dumped('OpenAILLM', { model: 'small', structured_output }))
  const json = { structuredOutput: { format: 'json', schema } }
  expect(withFormat({ format: 'json', schema })).toMatchObject(json)
  expect(withFormat({ schema, mode: 'tool_call', max_retries: 1 })).toMatchObject(json)
  expect(withFormat({ format: 'json', schema: JSON.stringify(schema) })).toMatchObject(json)
  expect(withFormat({ format: 'regex', schema: 'ab+' })).toMatchObject({
    structuredOutput: { format: 'regex', pattern: 'ab+' },
  })
})

test("OpenAI's offline batches are a mode of the step here", () => {
  const use_offline_batch_generation = true
  expect(
    paramsOfStep(dumped('OpenAILLM', { model: 'small', use_offline_batch_generation })),
  ).toMatchObject({ mode: 'batch' })
})
