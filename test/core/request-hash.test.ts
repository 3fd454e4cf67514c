import { expect, test } from 'vitest'

import { system, user } from '../../src/core/chat.ts'
import { createRequestHash } from '../../src/core/request-hash.ts'
import type { LogicalRequest } from '../../src/core/request-hash.ts'

const model = { provider: 'https://api.test/v1', model: 'm', parameters: { temperature: 0 } }
const request: LogicalRequest = {
  messages: [system('Be brief.'), user('Why?')],
  sampleIndex: 0,
  retry: 0,
  identity: null,
}

test('the same logical request always has the same hash, in 32 digits', () => {
  expect(createRequestHash(model, 0)(request)).toBe('852fed0d505074b2fc8d02d0740ec44d')
  expect(createRequestHash(model, 0)(structuredClone(request))).toMatch(/^[0-9a-f]{32}$/)
})

test('everything that an answer depends on changes the hash', () => {
  const hashes = [
    createRequestHash(model, 0)(request),
    createRequestHash({ ...model, provider: 'mine' }, 0)(request),
    createRequestHash({ ...model, model: 'n' }, 0)(request),
    createRequestHash({ ...model, parameters: { temperature: 1 } }, 0)(request),
    createRequestHash(model, 1)(request),
    ...[
      { messages: [system('Be brief.'), user('Why not?')] },
      { messages: [user('Be brief.'), user('Why?')] },
      { messages: [system('Be brief.\nWhy?')] },
      { sampleIndex: 1 },
      { retry: 1 },
      { identity: 'a' },
    ].map((change) => createRequestHash(model, 0)({ ...request, ...change })),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
})
