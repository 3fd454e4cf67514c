import { RetortError } from '../../core/errors.ts'

import { timeoutCodes, timeoutSettings } from './call-timer.ts'
import type { ProviderCall } from './provider-call.ts'

/** A connection that is not taken is lost instead: its address may be wrong. */
const slowCodes: ReadonlySet<string> = new Set([
  timeoutCodes.firstByte,
  timeoutCodes.silence,
  timeoutCodes.call,
  'ETIMEDOUT',
])

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'its answer was shorter than it said',
  UND_ERR_CONNECT_TIMEOUT: 'it did not take the connection in time',
}

/** Turns what a client threw in the place of a reply into the error of one attempt. */
export function toConnectionError(call: ProviderCall, error: unknown): RetortError {
  const { code, cause } = rootOf(error)
  const setting = timeoutSettings[code]
  const reason = setting === undefined ? code : `${code}, timeouts.${setting}`
  const said = call.redact(cause instanceof Error ? cause.message : code)
  if (slowCodes.has(code))
    return new RetortError(
      'timeout',
      `${call.who} gave up a call to ${call.url}: ${said} (${reason}).`,
      { data: { url: call.url, reason: code }, cause },
    )
  const why = explanations[code] ?? said
  return new RetortError(
    'connection-lost',
    `${call.who} lost the connection to ${call.url}: ${why}${code === '' ? '' : ` (${reason})`}.`,
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
