import { afterAll, beforeAll, expect, test } from 'vitest'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { type FakeServer, startFakeServer } from '../../../bench/fake-server/fake-server.ts'
import type { ErrorCode, Verdict } from '../../../src/core/errors.ts'
import { gemini, geminiLLM } from '../../../src/models/google/gemini-llm.ts'
import { request } from '../conformance/llm-conformance.ts'

const key = 'test-key-0123456789'
let server: FakeServer

beforeAll(async () => {
  server = await startFakeServer()
})
afterAll(() => server.close())

async function failure(reply: FakeReply): Promise<Error & { readonly retryAfterMs?: number }> {
  server.set({ reply })
  const spec = gemini({ model: 'gemini-x', baseURL: server.url, apiKeyEnv: 'TEST_KEY' })
  const llm = await geminiLLM.create(spec, { TEST_KEY: key })
  const error = await llm.chat(request('Hello')).catch((thrown: unknown) => thrown)
  await llm.close?.()
  return error as Error & { readonly retryAfterMs?: number }
}

function error(code: number, status: string, message: string, details?: object[]): FakeReply {
  return { status: code, body: { error: { code, message, status, details } } }
}

const badKey = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }
const page = '<!doctype html><html><h1>Welcome</h1></html>'

const replies: readonly (readonly [string, ErrorCode, Verdict, FakeReply])[] = [
  [
    'a wrong key',
    'authentication',
    'stop',
    error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [badKey]),
  ],
  [
    'a wrong key without a reason',
    'authentication',
    'stop',
    error(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.'),
  ],
  ['no key', 'authentication', 'stop', error(403, 'PERMISSION_DENIED', 'Unregistered callers.')],
  ['a 401', 'authentication', 'stop', error(401, 'UNAUTHENTICATED', 'Who are you?')],
  [
    'an unknown model',
    'model-unknown',
    'stop',
    error(
      404,
      'NOT_FOUND',
      'models/gemini-x is not found for API version v1beta, or is not supported for generateContent.',
    ),
  ],
  ['a wrong path', 'endpoint-wrong', 'stop', { status: 404, body: page }],
  ['a page', 'endpoint-wrong', 'stop', { status: 200, body: page }],
  [
    'an account that may send nothing',
    'quota',
    'stop',
    error(
      429,
      'RESOURCE_EXHAUSTED',
      'Quota exceeded for metric: requests, limit: 0, model: gemini-x',
    ),
  ],
  ['a full minute', 'rate-limited', 'retry', error(429, 'RESOURCE_EXHAUSTED', 'Slow down')],
  [
    'a full minute in a list',
    'rate-limited',
    'retry',
    {
      status: 429,
      body: [{ error: { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED' } }],
    },
  ],
  ['an overload', 'provider-unavailable', 'retry', error(503, 'UNAVAILABLE', 'Overloaded')],
  ['a fault', 'provider-unavailable', 'retry', error(500, 'INTERNAL', 'Oops')],
  ['a late answer', 'provider-unavailable', 'retry', error(504, 'DEADLINE_EXCEEDED', 'Late')],
  ['a call cut short', 'provider-unavailable', 'retry', error(499, 'CANCELLED', 'Cut short')],
  [
    'a long prompt',
    'context-length',
    'reject',
    error(
      400,
      'INVALID_ARGUMENT',
      'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
    ),
  ],
  [
    'a schema that is none',
    'request-invalid',
    'reject',
    error(400, 'INVALID_ARGUMENT', 'Invalid value at generation_config.response_json_schema'),
  ],
  [
    'an image too large',
    'request-invalid',
    'reject',
    error(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
  ],
  [
    'an error in a 200',
    'rate-limited',
    'retry',
    { ...error(429, 'RESOURCE_EXHAUSTED', 'Slow'), status: 200 },
  ],
  ['no candidates', 'request-invalid', 'reject', { status: 200, body: { candidates: [] } }],
  ['an empty body', 'provider-unavailable', 'retry', { status: 200, body: '' }],
  ['cut-off JSON', 'provider-unavailable', 'retry', { status: 200, body: '{"candidates": [' }],
]

test.for(replies)('%s becomes %s: %s', async ([, code, verdict, reply]) => {
  const thrown = await failure(reply)
  expect(thrown).toMatchObject({ name: 'RetortError', code, verdict })
  expect(thrown).toHaveProperty('retryAfterMs', undefined)
  expect(thrown.message).toContain("GeminiLLM 'gemini-x'")
  expect(thrown.message).toContain(`${server.url}/v1beta/models/gemini-x:generateContent`)
  expect(thrown.message).toMatch(/[.!?]$/)
})

test('a refused key is never shown, and its variable is', async () => {
  const thrown = await failure(
    error(400, 'INVALID_ARGUMENT', `API key not valid: ${key}`, [badKey]),
  )
  expect(thrown.message).toContain('check the key in TEST_KEY')
  expect(`${thrown.stack} ${JSON.stringify(thrown)}`).not.toContain(key)
})

test.for([429, 503])('a %i says in its details when to come again', async (status) => {
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' },
  ]
  expect(await failure(error(status, 'X', 'Later', details))).toMatchObject({
    retryAfterMs: 34_500,
  })
  const headed = { ...error(status, 'X', 'Later', details), headers: { 'retry-after': '2' } }
  expect(await failure(headed)).toMatchObject({ retryAfterMs: 2000 })
})

test('a name that no model has is refused by the client itself', async () => {
  const spec = gemini({ model: 'a?b', baseURL: server.url, apiKeyEnv: null })
  const llm = await geminiLLM.create(spec, {})
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({
    code: 'request-invalid',
    message: "GeminiLLM 'a?b' could not be asked: invalid model parameter.",
  })
  await llm.close?.()
})
