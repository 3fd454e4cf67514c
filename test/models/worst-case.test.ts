import { expect, test } from 'vitest'

import { user } from '../../src/core/chat.ts'
import { worstCase } from '../../src/models/worst-case.ts'

test('no call can take more tokens than its bytes and the longest answer that it asks for', () => {
  const request = { messages: [user('né'), user('字')], parameters: {} }
  const { inputTokens, outputTokens } = worstCase(request, { maxNewTokens: 100 })
  expect(inputTokens).toBe(3 + 16 + 3 + 16 + '{"maxNewTokens":100}'.length)
  expect(outputTokens).toBe(100)
})

test("a request's own parameters win, and a schema among them counts as input", () => {
  const schema = { type: 'object', description: 'x'.repeat(1_000) }
  const request = { messages: [], parameters: { maxNewTokens: 5, schema } }
  const { inputTokens, outputTokens } = worstCase(request, { maxNewTokens: 100 })
  expect(inputTokens).toBeGreaterThan(1_000)
  expect(outputTokens).toBe(5)
})

test('an answer without a told length may be as long as the default', () => {
  expect(worstCase({ messages: [], parameters: {} }, {}).outputTokens).toBe(2_048)
})

test('a mixture of models takes all their calls, each of which reads what was proposed before', () => {
  const messages = [user('Hello')]
  const part = (maxNewTokens: number) => ({
    provider: 'p',
    model: 'm',
    parameters: { maxNewTokens },
  })
  const alone = worstCase({ messages, parameters: {} }, { maxNewTokens: 100 })
  const mixture = {
    maxNewTokens: 700,
    rounds: 3,
    aggregator: part(100),
    proposers: [part(100), part(100)],
  }
  const { inputTokens, outputTokens } = worstCase({ messages, parameters: {} }, mixture)
  expect(outputTokens).toBe(3 * 200 + 100)
  const shown = 200 * 8 + 1_000
  expect(inputTokens).toBe(7 * alone.inputTokens + 5 * shown)
})
