import type { Row, StepContext } from 'retort'
import { expect, test } from 'vitest'

import { randomSnippet } from '../../examples/oss-instruct/random-snippet.ts'

const text = Array.from({ length: 200 }, (_, line) =>
  line % 7 === 0 ? '  ' : `line ${line}`,
).join('\n')

/** The snippets of texts whose rows have these identities. */
async function snippets(
  texts: readonly string[],
  {
    identities,
    seed = 0,
    maxLines = 15,
  }: { identities?: string[]; seed?: number; maxLines?: number } = {},
): Promise<(string | undefined)[]> {
  const context: StepContext = {
    stepName: 'snippet',
    seed,
    identities: identities ?? texts.map((_, index) => `row ${index}`),
    signal: new AbortController().signal,
    ask: () => Promise.reject(new Error('It asks no model.')),
  }
  const rows: Row[] = texts.map((each) => ({ text: each }))
  const found: (string | undefined)[] = []
  for await (const output of randomSnippet.definition.process(rows, { maxLines }, context)) {
    const [row] = [output].flat()
    found.push(row !== undefined && 'code_snippet' in row ? String(row['code_snippet']) : undefined)
  }
  return found
}

test('a snippet is 1 to 15 consecutive lines of its file, without blank ends', async () => {
  const found = await snippets(Array.from({ length: 300 }, () => text))
  const lengths = found.map((snippet = '') => snippet.split('\n').length)
  for (const snippet of found) {
    expect(`\n${text}\n`).toContain(`\n${snippet}\n`)
    expect(snippet?.split('\n')[0]?.trim()).not.toBe('')
    expect(snippet?.split('\n').at(-1)?.trim()).not.toBe('')
  }
  expect(Math.min(...lengths)).toBe(1)
  expect(Math.max(...lengths)).toBe(15)
  expect(new Set(found).size).toBeGreaterThan(150)
})

test('a snippet depends on the row and the seed, not on the other rows', async () => {
  const [a, b] = await snippets([text, text], { identities: ['a', 'b'] })
  expect(await snippets([text, text, text], { identities: ['c', 'b', 'a'] })).toEqual([
    expect.anything(),
    b,
    a,
  ])
  expect(await snippets([text, text], { identities: ['a', 'b'], seed: 1 })).not.toEqual([a, b])
})

test('a short file gives what it has, a blank one nothing', async () => {
  expect(await snippets(['only', '', '\n \n\t\n', 'x\r\n'])).toEqual([
    'only',
    undefined,
    undefined,
    'x',
  ])
})

test('maxLines bounds the snippets', async () => {
  const found = await snippets(
    Array.from({ length: 20 }, () => text),
    { maxLines: 1 },
  )
  expect(found.every((snippet) => snippet?.includes('\n') === false)).toBe(true)
})
