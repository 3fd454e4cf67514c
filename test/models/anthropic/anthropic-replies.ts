import type { NativeProvider } from '../conformance/native-conformance.ts'
import { anthropicError } from './messages-wire.ts'

/** What Anthropic replies that is no answer. */
export const anthropicReplies: NativeProvider['replies'] = [
  [
    'a wrong key',
    'authentication',
    'stop',
    { status: 401, body: anthropicError('authentication_error', 'invalid x-api-key') },
  ],
  [
    'a key without the right',
    'authentication',
    'stop',
    { status: 403, body: anthropicError('permission_error', 'Not you') },
  ],
  [
    'an unpaid bill',
    'quota',
    'stop',
    { status: 402, body: anthropicError('billing_error', 'Check your payment details') },
  ],
  [
    'an account without credit',
    'quota',
    'stop',
    {
      status: 400,
      body: anthropicError('invalid_request_error', 'Your credit balance is too low.'),
    },
  ],
  [
    'a limit of one’s own',
    'quota',
    'stop',
    {
      status: 400,
      body: anthropicError(
        'invalid_request_error',
        'You have reached your specified API usage limits. You will regain access on 2027-01-01.',
      ),
    },
  ],
  [
    'a limit of the account',
    'quota',
    'stop',
    {
      status: 429,
      body: anthropicError('rate_limit_error', 'Spent', {
        error_code: 'enforced_spend_limit_reached',
      }),
    },
  ],
  [
    'an unknown model',
    'model-unknown',
    'stop',
    { status: 404, body: anthropicError('not_found_error', 'model: small') },
  ],
  [
    'too many calls',
    'rate-limited',
    'retry',
    { status: 429, body: anthropicError('rate_limit_error', 'Slow down') },
  ],
  [
    'an overload',
    'provider-unavailable',
    'retry',
    { status: 529, body: anthropicError('overloaded_error', 'Overloaded') },
  ],
  [
    'an overload in a 200',
    'provider-unavailable',
    'retry',
    { status: 200, body: anthropicError('overloaded_error', 'Overloaded') },
  ],
  [
    'a limit in a 200',
    'rate-limited',
    'retry',
    { status: 200, body: anthropicError('rate_limit_error', 'Slow down') },
  ],
  [
    'a failure',
    'provider-unavailable',
    'retry',
    { status: 500, body: anthropicError('api_error', 'Internal server error') },
  ],
  [
    'a request that is too large',
    'context-length',
    'reject',
    { status: 413, body: anthropicError('request_too_large', 'Request exceeds 32 MB') },
  ],
  [
    'a prompt that is too long',
    'context-length',
    'reject',
    {
      status: 400,
      body: anthropicError(
        'invalid_request_error',
        'prompt is too long: 210000 tokens > 200000 maximum',
      ),
    },
  ],
  [
    'an image that is too large',
    'request-invalid',
    'reject',
    {
      status: 400,
      body: anthropicError(
        'invalid_request_error',
        'messages.0.content.0.image.source.base64: image exceeds 10 MB maximum',
      ),
    },
  ],
  [
    'an image that is missing',
    'request-invalid',
    'reject',
    {
      status: 400,
      body: anthropicError('invalid_request_error', 'Unable to download the file.'),
    },
  ],
  [
    'a schema that is refused',
    'request-invalid',
    'reject',
    {
      status: 400,
      body: anthropicError('invalid_request_error', 'output_config.format.schema: Invalid'),
    },
  ],
  ['no content', 'request-invalid', 'reject', { status: 200, body: { id: 'msg_1' } }],
]
