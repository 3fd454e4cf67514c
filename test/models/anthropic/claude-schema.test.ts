import { expect, test } from 'vitest'

import type { JsonObject } from '../../../src/core/json.ts'
import { toClaudeSchema } from '../../../src/models/anthropic/claude-schema.ts'

function object(properties: JsonObject, members: JsonObject = {}): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), ...members }
}

test('a definition that is used twice, and within another, is no recursion', () => {
  const inner = object({ ok: { type: 'boolean' } })
  const outer = object({ first: { $ref: '#/$defs/inner' }, second: { $ref: '#/$defs/inner' } })
  const schema = object({ outer: { $ref: '#/$defs/outer' } }, { $defs: { inner, outer } })
  const closed = { additionalProperties: false }
  expect(toClaudeSchema(schema)).toEqual({
    ...schema,
    ...closed,
    $defs: { inner: { ...inner, ...closed }, outer: { ...outer, ...closed } },
  })
})

const tree = object({ children: { type: 'array', items: { $ref: '#/$defs/tree' } } })
const even = object({ next: { $ref: '#/$defs/odd' } })
const odd = object({ next: { $ref: '#/$defs/even' } })

test.for<readonly [string, JsonObject]>([
  ['recursion', object({ tree: { $ref: '#/$defs/tree' } }, { $defs: { tree } })],
  ['recursion over two', object({ even: { $ref: '#/$defs/even' } }, { $defs: { even, odd } })],
  ['recursion to the whole', object({ self: { $ref: '#' } })],
  ['names of any kind', object({}, { additionalProperties: { type: 'number' } })],
  ['anything at all', object({ a: {} })],
])('%s has no form that answers can be held to', ([, schema]) => {
  expect(toClaudeSchema(schema)).toBeUndefined()
})
