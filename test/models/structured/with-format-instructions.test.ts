import { expect, test } from 'vitest'

import { prompt, system, textOf, user } from '../../../src/core/chat.ts'
import type { AnswerFormat } from '../../../src/core/chat.ts'
import { withFormatInstructions } from '../../../src/models/structured/with-format-instructions.ts'

const format: AnswerFormat = {
  format: 'json',
  schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'array' },
}

test('a conversation without a system message gets one', () => {
  const [first, ...rest] = withFormatInstructions([user('Why?')], format)
  expect(first?.role).toBe('system')
  expect(first?.content).toMatch(/follows the JSON Schema below.*\n{"type":"array"}$/s)
  expect(rest).toEqual([user('Why?')])
})

test('a system message keeps its words', () => {
  const [first] = withFormatInstructions([system('Be kind.'), user('Why?')], format)
  expect(first?.content).toMatch(/^Be kind\.\n\nAnswer with JSON/)
  const parts = { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] } as const
  const [ofParts, ...rest] = withFormatInstructions([parts, user('Why?')], format)
  expect(ofParts === undefined ? '' : textOf(ofParts)).toMatch(/^Be kind\.\nAnswer with JSON/)
  expect(rest).toEqual([user('Why?')])
})

test('a regular expression stands as it is', () => {
  const [first] = withFormatInstructions([user('Why?')], { format: 'regex', pattern: 'yes|no' })
  expect(first?.content).toMatch(/regular expression.*\n\nyes\|no$/s)
})

test('a raw prompt stays as it is', () => {
  expect(withFormatInstructions([prompt('Once')], format)).toEqual([prompt('Once')])
})
