import { expect, test } from 'vitest'

import { toChatAnswer } from '../../../src/models/openai/chat-completion.ts'
import { errorOf } from '../../core/error-of.ts'

const call = {
  who: "TestLLM 'm'",
  url: 'http://host/v1/chat/completions',
  keyVariable: undefined,
  redact: (text: string) => text,
}

function read(choice: object, rest: object = {}) {
  return toChatAnswer(call, { choices: [choice], model: 'm', ...rest }, 'asked')
}

function usageOf(usage: object) {
  return read({ message: { content: 'Hi' } }, { usage }).usage
}

test.for([
  [{ reasoning_content: 'Hm.', content: 'Yes' }, 'Yes'],
  [{ reasoning: ' Hm.\n', content: 'Yes' }, 'Yes'],
  [{ content: '<think>Hm.</think>\nYes' }, 'Yes'],
  [{ reasoning_content: 'Hm.', content: null }, null],
] as const)('what was thought stands apart from the text: %o', ([message, text]) => {
  const { choices } = read({ message, finish_reason: 'stop' })
  expect(choices).toEqual([{ text, finishReason: 'stop', reasoning: 'Hm.' }])
})

test('parts that are marked as thought stand apart from those that are text', () => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
    { type: 'text', text: 'Yes' },
    { type: 'text', text: '!' },
  ]
  const { choices } = read({ message: { content }, finish_reason: 'stop' })
  expect(choices).toEqual([{ text: 'Yes!', finishReason: 'stop', reasoning: 'Hm.' }])
})

test.for([[null], [''], [' \n']])('thoughts of %o are none', ([reasoning]) => {
  const { choices } = read({ message: { reasoning, content: 'Yes' }, finish_reason: 'stop' })
  expect(choices).toEqual([{ text: 'Yes', finishReason: 'stop' }])
})

test('tokens that were thought, at hand or kept are told apart', () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 50,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
    completion_tokens_details: { reasoning_tokens: 40 },
  }
  expect(usageOf(usage)).toEqual({
    inputTokens: 100,
    outputTokens: 50,
    cachedInputTokens: 60,
    cacheWriteTokens: 30,
    reasoningTokens: 40,
  })
})

test('DeepSeek tells what it had at hand beside the other counts', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 5, prompt_cache_hit_tokens: 4 }
  expect(usageOf(usage)).toEqual({ inputTokens: 9, outputTokens: 5, cachedInputTokens: 4 })
})

test('tokens that were thought count as output also where a provider counts them beside it', () => {
  const completion_tokens_details = { reasoning_tokens: 40 }
  const apart = { prompt_tokens: 9, completion_tokens: 50, total_tokens: 99 }
  const output = { inputTokens: 9, outputTokens: 90, reasoningTokens: 40 }
  expect(usageOf({ ...apart, completion_tokens_details })).toEqual(output)
  const few = { prompt_tokens: 9, completion_tokens: 5, completion_tokens_details }
  expect(usageOf(few)).toEqual({ ...output, outputTokens: 45 })
})

test.for([[null], ['many'], [{ prompt_tokens: null, completion_tokens: Number.NaN }]])(
  'a usage of %o counts as nothing used',
  ([usage]) => {
    expect(read({ message: { content: 'Hi' } }, { usage }).usage).toEqual({
      inputTokens: 0,
      outputTokens: 0,
    })
  },
)

const likely = [{ token: 'Hi', logprob: -0.1, top: [{ token: 'Hi', logprob: -0.1 }] }]

test('log-probabilities come as a list of tokens', () => {
  const content = [
    {
      token: 'Hi',
      logprob: -0.1,
      bytes: [72, 105],
      top_logprobs: [{ token: 'Hi', logprob: -0.1 }],
    },
  ]
  const { choices } = read({ message: { content: 'Hi' }, logprobs: { content, refusal: null } })
  expect(choices[0]?.logprobs).toEqual(likely)
})

test('log-probabilities come as lists beside one another', () => {
  const logprobs = { tokens: ['Hi'], token_logprobs: [-0.1], top_logprobs: [{ Hi: -0.1 }] }
  const { choices } = read({ text: 'Hi', finish_reason: 'stop', logprobs })
  expect(choices).toEqual([{ text: 'Hi', finishReason: 'stop', logprobs: likely }])
})

test('the likeliest tokens come likeliest first', () => {
  const top_logprobs = [
    { token: 'a', logprob: -3 },
    { token: 'b', logprob: -1 },
  ]
  const logprobs = { content: [{ token: 'b', logprob: -1, top_logprobs }] }
  const { choices } = read({ message: { content: 'b' }, logprobs })
  expect(choices[0]?.logprobs?.[0]?.top?.map(({ token }) => token)).toEqual(['b', 'a'])
})

test.for([
  [null],
  [{ content: [] }],
  [{ content: [{ id: 5, logprob: -1 }] }],
  [{ tokens: [5], token_logprobs: [-1] }],
  ['none'],
])('log-probabilities of %o are none', ([logprobs]) => {
  const { choices } = read({ message: { content: 'Hi' }, finish_reason: 'stop', logprobs })
  expect(choices).toEqual([{ text: 'Hi', finishReason: 'stop' }])
})

test.for([['{"a":1}'], [{ a: 1 }]])(
  'what a model calls the tool for answers with is its text: %o',
  ([given]) => {
    const tool_calls = [{ type: 'function', function: { name: 'answer', arguments: given } }]
    const { choices } = read({
      message: { content: null, tool_calls },
      finish_reason: 'tool_calls',
    })
    expect(choices).toEqual([{ text: '{"a":1}', finishReason: 'stop' }])
  },
)

test('a call of the tool that was cut off says so', () => {
  const tool_calls = [{ function: { name: 'answer', arguments: '{"a"' } }]
  const { choices } = read({ message: { content: '', tool_calls }, finish_reason: 'length' })
  expect(choices).toEqual([{ text: '{"a"', finishReason: 'length' }])
})

test("a call of a user's own tool is no text", () => {
  const tool_calls = [{ function: { name: 'search', arguments: '{}' } }]
  const { choices } = read({ message: { content: null, tool_calls }, finish_reason: 'tool_calls' })
  expect(choices).toEqual([{ text: null, finishReason: 'tool-calls' }])
})

test('several choices come in their order', () => {
  const answer = toChatAnswer(
    call,
    { choices: [{ message: { content: 'a' } }, { message: { content: 'b' } }, null] },
    'asked',
  )
  expect(answer.choices.map(({ text }) => text)).toEqual(['a', 'b', null])
  expect(answer.model).toBe('asked')
})

test.for(['error', 'insufficient_system_resource', 'abort'])(
  'an answer that its provider broke off by %s is asked for again',
  (finish_reason) => {
    const error = errorOf(() => read({ message: { content: 'Hal' }, finish_reason }))
    expect(error).toMatchObject({ code: 'provider-unavailable', verdict: 'retry' })
    expect(String(error)).toContain(finish_reason)
  },
)

test('an answer that broke off with an error is that error', () => {
  const error = { message: 'Slow down', code: 429 }
  const read429 = () => read({ message: { content: '' }, finish_reason: 'error', error })
  expect(errorOf(read429)).toMatchObject({ code: 'rate-limited' })
})
