import { expect, test } from 'vitest'

import { parseRetryAfter } from '../../../src/models/http/retry-after.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

function parse(headers: Readonly<Record<string, string>>): number | undefined {
  return parseRetryAfter(new Headers(headers), now)
}

test.for([
  ['7', 7000],
  ['0', 0],
  [' 0.5 ', 500],
  ['1.25', 1250],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sunday, 01-Mar-26 12:00:30 GMT', 30_000],
  ['2026-03-01T12:01:00Z', 60_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['3601', 3_600_000],
  ['1772366400', 3_600_000],
  ['Mon, 01 Mar 2027 12:00:00 GMT', 3_600_000],
] as const)('retry-after: %s is %i ms', ([text, milliseconds]) => {
  expect(parse({ 'retry-after': text })).toBe(milliseconds)
})

test.for(['', '-1', 'soon', 'in 7 days', '0x10', '1e3', 'NaN', 'Infinity', '9, 9', 'Nonsense GMT'])(
  "retry-after: '%s' says nothing",
  (text) => {
    expect(parse({ 'retry-after': text })).toBeUndefined()
  },
)

test('retry-after-ms counts before retry-after, unless it makes no sense', () => {
  expect(parse({ 'retry-after-ms': '250', 'retry-after': '7' })).toBe(250)
  expect(parse({ 'retry-after-ms': '99.5' })).toBe(99.5)
  expect(parse({ 'retry-after-ms': '99999999' })).toBe(3_600_000)
  expect(parse({ 'retry-after-ms': '-250', 'retry-after': '7' })).toBe(7000)
  expect(parse({ 'retry-after-ms': 'soon', 'retry-after': '7' })).toBe(7000)
  expect(parse({})).toBeUndefined()
})
