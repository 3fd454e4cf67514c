import { hash } from 'node:crypto'

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
