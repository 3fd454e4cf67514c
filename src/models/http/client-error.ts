import { RetortError } from '../../core/errors.ts'

import { timeoutCodes } from './call-timer.ts'
import { toConnectionError } from './connection-error.ts'
import type { ProviderCall } from './provider-call.ts'
import { toProviderError } from './provider-error.ts'
import type { HeaderReader } from './retry-after.ts'

/** An error of a reply, as clients throw it that Stainless made. */
interface ReplyError {
  readonly status: number | undefined
  readonly headers: HeaderReader | undefined
  readonly error: unknown
  readonly message: string
}

/** The errors of such a client. */
export interface ClientErrors {
  readonly APIError: abstract new (...given: never[]) => ReplyError
  readonly APIConnectionTimeoutError: abstract new (...given: never[]) => Error
}

/** Turns what the client of OpenAI or Anthropic threw into the error of one attempt. */
export function toClientError(
  { APIError, APIConnectionTimeoutError }: ClientErrors,
  call: ProviderCall,
  error: unknown,
): RetortError {
  if (error instanceof APIError && error.status !== undefined && error.headers !== undefined)
    return toProviderError(
      call,
      {
        status: error.status,
        headers: error.headers,
        body: error.error ?? error.message.replace(/^\d+ /, ''),
      },
      Date.now(),
    )
  if (error instanceof SyntaxError)
    return new RetortError(
      'provider-unavailable',
      `${call.who} got JSON that does not parse from ${call.url}: ${call.redact(error.message)}.`,
    )
  if (error instanceof APIConnectionTimeoutError)
    return toConnectionError(
      call,
      Object.assign(new Error(error.message), { code: timeoutCodes.call }),
    )
  return toConnectionError(call, error)
}
