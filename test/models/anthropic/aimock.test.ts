import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { user } from '../../../src/core/chat.ts'
import { anthropic, anthropicLLM } from '../../../src/models/anthropic/anthropic-llm.ts'
import { request } from '../conformance/llm-conformance.ts'

const mock = new LLMock({ port: 0 })

beforeAll(async () => {
  mock.onMessage('Hello', { content: 'Hi there!' })
  mock.onMessage('Think', { content: 'Four.', reasoning: 'Two and two.' })
  mock.onMessage('Busy', {
    error: { message: 'Overloaded', type: 'overloaded_error' },
    status: 529,
  })
  mock.onMessage('Who', {
    toolCalls: [{ name: 'answer', arguments: '{"name":"Ada"}' }],
  })
  await mock.start()
})
afterAll(() => mock.stop())

async function ask(prompt: string, members: object = {}) {
  const spec = anthropic({ model: 'claude-sonnet-4-0', baseURL: mock.url, apiKeyEnv: 'K' })
  const llm = await anthropicLLM.create(spec, { K: 'some-key' })
  try {
    return await llm.chat({ ...request(prompt), ...members })
  } finally {
    await llm.close?.()
  }
}

test('an independent fake of Anthropic is understood', async () => {
  const answer = await ask('Hello')
  expect(answer.choices).toEqual([{ text: 'Hi there!', finishReason: 'stop' }])
  expect(answer.model).toBe('claude-sonnet-4-0')
  expect(answer.usage).toMatchObject({ outputTokens: expect.any(Number) })
})

test('its thoughts are told apart', async () => {
  expect(await ask('Think')).toMatchObject({
    choices: [{ text: 'Four.', reasoning: 'Two and two.' }],
  })
})

test('its call of the tool is the answer', async () => {
  const schema = { type: 'object', properties: { name: { type: 'string' } } }
  expect(await ask('Who', { format: { format: 'json', schema } })).toMatchObject({
    choices: [{ text: '{"name":"Ada"}', finishReason: 'stop' }],
  })
})

test('it reads images', async () => {
  const parts = [
    { type: 'text', text: 'Hello' },
    { type: 'image', url: 'data:image/png;base64,AAAA' },
  ] as const
  expect(await ask('', { messages: [user(parts)] })).toMatchObject({
    choices: [{ text: 'Hi there!' }],
  })
})

test('its errors are errors', async () => {
  await expect(ask('Busy')).rejects.toMatchObject({
    code: 'provider-unavailable',
    message: expect.stringContaining('Overloaded'),
  })
})
