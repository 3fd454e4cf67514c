import { expect, test } from 'vitest'

import { createRedact } from '../../src/models/secrets.ts'

test('a key is taken out of a text as it is, and as JSON and addresses write it', () => {
  const redact = createRedact(['a"b\\c/d'])
  expect(redact(String.raw`a"b\c/d, "a\"b\\c/d", ?key=a%22b%5Cc%2Fd`)).toBe(
    '[key], "[key]", ?key=[key]',
  )
})
