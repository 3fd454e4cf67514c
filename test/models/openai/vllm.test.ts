import { expect, test } from 'vitest'

import { prompt } from '../../../src/core/chat.ts'
import { vLLM, vLLMDefinition } from '../../../src/models/openai/vllm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { regexFormat, strictFormat, testServer } from '../conformance/server-conformance.ts'

const { server, sent } = testServer({ definition: vLLMDefinition, spec: vLLM })

test("vLLM's own parameters go out under their names", async () => {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const spec = vLLM({
    model: 'm',
    baseURL: `${server().url}/v1`,
    generationKwargs: {
      topK: -1,
      minP: 0.1,
      repetitionPenalty: 1.1,
      minTokens: 2,
      stopTokenIds: [128009],
      includeStopStrInOutput: true,
      skipSpecialTokens: false,
      ignoreEos: false,
      logitBias: { '5': -100 },
      chatTemplateKwargs: { enable_thinking: false },
    },
  })
  const llm = await vLLMDefinition.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  expect(bodies[0]).toMatchObject({
    top_k: -1,
    min_p: 0.1,
    repetition_penalty: 1.1,
    min_tokens: 2,
    stop_token_ids: [128009],
    include_stop_str_in_output: true,
    skip_special_tokens: false,
    ignore_eos: false,
    logit_bias: { '5': -100 },
    chat_template_kwargs: { enable_thinking: false },
  })
})

test('any schema goes out as it is, and a regular expression among structured outputs', async () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const loose = await sent({}, { ...request('Hello'), format: { format: 'json', schema } })
  expect(loose.body).toMatchObject({ response_format: { json_schema: { schema } } })
  const { body } = await sent({}, { ...request('Hello'), format: regexFormat })
  expect(body).toMatchObject({ structured_outputs: { regex: '[a-z]+' } })
})

test('raw prompts are held to a form, too', async () => {
  const messages = [prompt('Once')]
  const schema = await sent({}, { ...request(''), messages, format: strictFormat })
  expect(schema.path).toBe('/v1/completions')
  expect(schema.body).toMatchObject({ response_format: { type: 'json_schema' }, prompt: 'Once' })
  const pattern = await sent({}, { ...request(''), messages, format: regexFormat })
  expect(pattern.body).toMatchObject({ structured_outputs: { regex: '[a-z]+' } })
})

test('a prompt that a template has made begins once', async () => {
  const { body } = await sent({ chatTemplate: 'llama3' })
  const prompt = expect.stringMatching(/^<\|begin_of_text\|>/)
  expect(body).toMatchObject({ prompt, add_special_tokens: false })
})

test('it wants no key unless one is named', () => {
  expect(vLLMDefinition.keyVariable(vLLM({ model: 'm' }))).toBeUndefined()
  expect(vLLMDefinition.keyVariable(vLLM({ model: 'm', apiKeyEnv: 'K' }))).toBe('K')
  expect(vLLMDefinition.limitGroup(vLLM({ model: 'm' }))).toBe('http://127.0.0.1:8000/v1 m')
})
