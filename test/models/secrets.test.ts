import { expect, test } from 'vitest'

import { checkForKeys, createRedact } from '../../src/models/secrets.ts'

test('a key is taken out of a text as it is, and as JSON and addresses write it', () => {
  const redact = createRedact(['a"b\\c/d'])
  expect(redact(String.raw`a"b\c/d, "a\"b\\c/d", ?key=a%22b%5Cc%2Fd`)).toBe(
    '[key], "[key]", ?key=[key]',
  )
})

test("a token of Hugging Face's is taken out of a text, whoever's it is", () => {
  const redact = createRedact([])
  expect(redact('Bad token hf_AbCdEfGhIjKlMnOpQrSt!')).toBe('Bad token [key]!')
  expect(redact('hf_transfer is no token')).toBe('hf_transfer is no token')
})

test.for([{ chatTemplate: 'hf_AbCdEfGhIjKlMnOpQrSt' }, { modelDisplayName: 'my-secret-value' }])(
  'parameters %j hold a key',
  (params) => {
    const environment = { HF_TOKEN: 'my-secret-value' }
    expect(() => {
      checkForKeys(params, environment, 'the model')
    }).toThrow(/holds a key/)
  },
)
