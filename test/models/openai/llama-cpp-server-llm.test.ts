import { expect, test } from 'vitest'

import { prompt } from '../../../src/core/chat.ts'
import {
  llamaCppServer,
  llamaCppServerLLM,
} from '../../../src/models/openai/llama-cpp-server-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { strictFormat, testServer } from '../conformance/server-conformance.ts'

const { server, sent } = testServer({ definition: llamaCppServerLLM, spec: llamaCppServer })

test("the server's own parameters go out under its names", async () => {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const spec = llamaCppServer({
    model: 'm',
    baseURL: `${server().url}/v1`,
    generationKwargs: {
      topK: 40,
      repetitionPenalty: 1.1,
      repeatLastN: -1,
      typicalP: 0.9,
      mirostat: 2,
      mirostatTau: 5,
      mirostatEta: 0.1,
      grammar: 'root ::= "yes" | "no"',
      cachePrompt: false,
      chatTemplateKwargs: { enable_thinking: false },
    },
  })
  const llm = await llamaCppServerLLM.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  expect(bodies[0]).toMatchObject({
    top_k: 40,
    repeat_penalty: 1.1,
    repeat_last_n: -1,
    typical_p: 0.9,
    mirostat: 2,
    mirostat_tau: 5,
    mirostat_eta: 0.1,
    grammar: 'root ::= "yes" | "no"',
    cache_prompt: false,
    chat_template_kwargs: { enable_thinking: false },
  })
})

test('a tool has to be called, since its name is not heeded', async () => {
  const asked = { ...request('Hello'), format: strictFormat }
  const { body } = await sent({ structuredMode: 'tool' }, asked)
  expect(body).toMatchObject({ tool_choice: 'required' })
})

test('a raw prompt is held to a schema by its own member', async () => {
  const asked = { ...request(''), messages: [prompt('Once')], format: strictFormat }
  const { body } = await sent({}, asked)
  expect(body).toMatchObject({ json_schema: { type: 'object' } })
  expect(body).not.toHaveProperty('response_format')
})

test('a prompt that a template has made begins once', async () => {
  const start = '<|begin_of_text|>'
  const rendered = await sent({ chatTemplate: 'llama3' })
  expect(rendered.body).toMatchObject({ prompt: expect.stringMatching(/^<\|start_header_id\|>/) })
  const raw = { ...request(''), messages: [prompt(`${start}Once`)] }
  expect((await sent({}, raw)).body).toMatchObject({ prompt: `${start}Once` })
})

test('it wants no key', () => {
  expect(llamaCppServerLLM.limitGroup(llamaCppServer({ model: 'm' }))).toBe(
    'http://127.0.0.1:8080/v1 m',
  )
})
