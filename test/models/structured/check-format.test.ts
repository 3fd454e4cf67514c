import { expect, test } from 'vitest'

import type { AnswerFormat } from '../../../src/core/chat.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { loadStructured } from '../../../src/models/structured/load-structured.ts'
import { errorOf } from '../../core/error-of.ts'

const reader = await loadStructured()
const check = (format: AnswerFormat) => () =>
  reader.check(format, `'structuredOutput' of step 'ask'`)

test.each<[AnswerFormat, string]>([
  [
    { format: 'json', schema: { type: 'objekt' } },
    `'structuredOutput' of step 'ask' has a schema that is no JSON Schema: /type must be equal to one of the allowed values.`,
  ],
  [
    { format: 'json', schema: { properties: { a: { $ref: '#/$defs/x' } } } },
    `'structuredOutput' of step 'ask' has a schema that is no JSON Schema: it refers to '#/$defs/x', which is not in it.`,
  ],
  [
    { format: 'json', schema: { $ref: 'https://example.org/schema.json' } },
    `'structuredOutput' of step 'ask' has a schema that is no JSON Schema: it refers to 'https://example.org/schema.json', which is not in it.`,
  ],
  [
    { format: 'json', schema: { type: 'string', pattern: '([' } },
    `'structuredOutput' of step 'ask' has a schema that is no JSON Schema: Invalid regular expression: /([/u: Unterminated character class.`,
  ],
  [
    { format: 'regex', pattern: '([' },
    `'structuredOutput' of step 'ask' has a regular expression that does not compile: Invalid regular expression: /^(?:([)$/: Unterminated character class.`,
  ],
])('a form that is none is refused', (format, message) => {
  const error = errorOf(check(format))
  expect(error).toMatchObject({ code: 'parameter-invalid', message })
})

test('an expression with what is not known here is refused, rather than read as letters', () => {
  expect(errorOf(check({ format: 'regex', pattern: 'x\\Z' })).message).toContain('Invalid escape')
})

test('forms of every dialect are taken', () => {
  const schemas: readonly JsonObject[] = [
    {},
    { type: 'array', items: [{ type: 'string' }] },
    { $schema: 'http://json-schema.org/draft-07/schema#', definitions: { a: {} } },
    { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ format: 'own' }] },
  ]
  for (const schema of schemas) expect(check({ format: 'json', schema })).not.toThrow()
  for (const pattern of ['a\\-b\\_', '{"a": \\d+}', '(?P<x>a)', '[\\w-]+'])
    expect(check({ format: 'regex', pattern })).not.toThrow()
})
