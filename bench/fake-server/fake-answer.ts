import { hash } from 'node:crypto'

import type { FakeBody, FakeCall, FakeOptions } from './fake-options.ts'

/** The fake provider's answer to a prompt: the same for the same prompt, another for another. */
export function fakeAnswer(prompt: string): string {
  const digest = hash('sha1', prompt)
  return [
    '[Problem Description]',
    `Write a function that returns the text ${digest}.`,
    '',
    '[Solution]',
    '```python',
    'def answer():',
    `    return "${digest}"`,
    '```',
  ].join('\n')
}

/** The same for tasks that want JSON. */
export function fakeJsonAnswer(prompt: string): string {
  const digest = hash('sha1', prompt)
  return JSON.stringify({
    answer: `Text ${digest}`,
    score: 1 + (Number.parseInt(digest.slice(0, 6), 16) % 5),
  })
}

/** A body of a chat completion that both OpenAI's and Mistral's clients read; cut off where a reason says so. */
export function completionBody(
  call: FakeCall,
  text: string,
  cutOff?: FakeOptions['cutOffFinishReason'],
): FakeBody {
  const sent = cutOff === undefined ? text : text.slice(0, Math.floor(text.length / 2))
  const input = Math.ceil(call.prompt.length / 4)
  const output = Math.ceil(sent.length / 4)
  const reason = cutOff ?? 'stop'
  const body = `{"id":"fake-${call.index}","object":"chat.completion","created":1700000000,"model":${JSON.stringify(call.model)},"choices":[{"index":0,"message":{"role":"assistant","content":${JSON.stringify(sent)}},"finish_reason":"${reason}"}],"usage":{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}}}`
  return { body, usage: { input, output } }
}
