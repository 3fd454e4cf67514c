import { RetortError } from '../core/errors.ts'

import type { ProviderCall } from './provider-call.ts'

/** The name of the error that a call ends with when its time is up. */
export const callTimeoutCode = 'CALL_TIMEOUT'

const timeoutCodes: ReadonlySet<string> = new Set([
  callTimeoutCode,
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'it did not take the connection in time',
}

/** Turns what a client threw in the place of a reply into the error of one attempt. */
export function toConnectionError(call: ProviderCall, error: unknown): RetortError {
  const { code, cause } = rootOf(error)
  if (timeoutCodes.has(code))
    return new RetortError(
      'timeout',
      `${call.who} got no whole answer from ${call.url} in time (${code}).`,
      { data: { url: call.url, reason: code }, cause },
    )
  const why = explanations[code] ?? call.redact(cause instanceof Error ? cause.message : code)
  return new RetortError(
    'connection-lost',
    `${call.who} lost the connection to ${call.url}: ${why}${code === '' ? '' : ` (${code})`}.`,
    { data: { url: call.url, reason: code }, cause },
  )
}

/** The innermost error that has a code, else the innermost of all. */
function rootOf(error: unknown): { readonly code: string; readonly cause: unknown } {
  let found: { code: string; cause: unknown } = { code: '', cause: error }
  let current: unknown = error
  while (current instanceof Error) {
    const own = 'code' in current && typeof current.code === 'string' ? current.code : ''
    if (own !== '' || found.code === '') found = { code: own, cause: current }
    // An attempt at several addresses of one host fails with one error for each.
    current = current instanceof AggregateError ? current.errors[0] : current.cause
  }
  return found
}
