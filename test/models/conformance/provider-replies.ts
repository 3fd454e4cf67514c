import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import type { ErrorCode, Verdict } from '../../../src/core/errors.ts'

/** What a provider may reply, with the code and the verdict of the error that follows. */
export const replies: readonly (readonly [string, ErrorCode, Verdict, FakeReply])[] = [
  ['a 429', 'rate-limited', 'retry', { status: 429, body: error('Slow down') }],
  ['a 408', 'provider-unavailable', 'retry', { status: 408, body: {} }],
  ['a 409', 'provider-unavailable', 'retry', { status: 409, body: {} }],
  ['a 425', 'provider-unavailable', 'retry', { status: 425, body: {} }],
  ['a 500', 'provider-unavailable', 'retry', { status: 500, body: error('Oops') }],
  ['a 502', 'provider-unavailable', 'retry', { status: 502, body: page('Bad Gateway') }],
  ['a 503', 'provider-unavailable', 'retry', { status: 503, body: error('Too busy') }],
  ['a 504', 'provider-unavailable', 'retry', { status: 504, body: page('Too late') }],
  ['a 520', 'provider-unavailable', 'retry', { status: 520, body: page('Unknown') }],
  ['a 529', 'provider-unavailable', 'retry', { status: 529, body: error('Overloaded') }],
  ['cut-off JSON', 'provider-unavailable', 'retry', asJson('{"choices": [')],
  ['an empty body', 'provider-unavailable', 'retry', asJson('')],
  ['null', 'provider-unavailable', 'retry', asJson('null')],
  [
    'an error in a 200',
    'provider-unavailable',
    'retry',
    { status: 200, body: { error: { message: 'Upstream broke' } } },
  ],
  [
    'a 429 in a 200',
    'rate-limited',
    'retry',
    { status: 200, body: { error: { message: 'Slow down', code: 429 } } },
  ],

  ['a 400', 'request-invalid', 'reject', { status: 400, body: error('Bad stop') }],
  [
    'a 422',
    'request-invalid',
    'reject',
    { status: 422, body: { detail: [{ loc: [], msg: 'no', type: 'x' }] } },
  ],
  ['no choices', 'request-invalid', 'reject', { status: 200, body: { choices: [] } }],
  ['a 413', 'context-length', 'reject', { status: 413, body: error('Too much') }],
  [
    'a 400 of a long prompt',
    'context-length',
    'reject',
    { status: 400, body: error('Long', 'context_length_exceeded') },
  ],
  [
    'a 400 that tells the longest context',
    'context-length',
    'reject',
    { status: 400, body: { message: 'Prompt too large for model with 32768 maximum context' } },
  ],
  [
    'a 400 of the filter',
    'content-filter',
    'reject',
    { status: 400, body: error('No', 'content_filter') },
  ],
  [
    'a 400 of a flagged prompt',
    'content-filter',
    'reject',
    { status: 400, body: error('Your prompt was flagged', 'invalid_prompt') },
  ],
  [
    'a 403 of a flagged prompt',
    'content-filter',
    'reject',
    { status: 403, body: { error: { message: 'Your input was flagged for this', code: 403 } } },
  ],

  ['a 401', 'authentication', 'stop', { status: 401, body: error('Who?') }],
  ['a 403', 'authentication', 'stop', { status: 403, body: { message: 'Not you' } }],
  ['a 402', 'quota', 'stop', { status: 402, body: error('Insufficient Balance') }],
  [
    'a 429 of an empty account',
    'quota',
    'stop',
    { status: 429, headers: { 'retry-after': '1' }, body: error('No', 'insufficient_quota') },
  ],
  [
    'a 429 of an empty account, by its type',
    'quota',
    'stop',
    { status: 429, body: { error: { message: 'No money', type: 'insufficient_quota' } } },
  ],
  [
    'a 429 of an account that may send nothing',
    'quota',
    'stop',
    {
      status: 429,
      headers: { 'x-ratelimit-limit-req-minute': '0' },
      body: { message: 'Rate limit exceeded' },
    },
  ],
  [
    'a 400 of an empty account',
    'quota',
    'stop',
    { status: 400, body: error('Your credit balance is too low to use this API.') },
  ],
  [
    'a 404 of a model',
    'model-unknown',
    'stop',
    { status: 404, body: error('The model `x` does not exist', 'model_not_found') },
  ],
  [
    'a 400 of a model',
    'model-unknown',
    'stop',
    { status: 400, body: { message: 'Invalid model: x', type: 'invalid_model', code: '1500' } },
  ],
  ['a 404 of a path', 'endpoint-wrong', 'stop', { status: 404, body: { detail: 'Not Found' } }],
  ['a 405', 'endpoint-wrong', 'stop', { status: 405, body: page('Method not allowed') }],
  ['a redirect', 'endpoint-wrong', 'stop', { status: 308, headers: { location: '/' }, body: '' }],
  ['a page', 'endpoint-wrong', 'stop', { status: 200, body: page('Welcome') }],
]

function error(message: string, code?: string) {
  return { error: { message, type: 'x', code } }
}

function page(text: string): string {
  return `<!doctype html><html><h1>${text}</h1></html>`
}

function asJson(body: string): FakeReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}
