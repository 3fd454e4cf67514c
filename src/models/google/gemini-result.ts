import type { JobResult } from '../../core/batch-jobs.ts'
import type { ChatAnswer } from '../../core/chat.ts'
import { isRetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { toProviderError } from '../http/provider-error.ts'

/** What Google's codes for errors are over HTTP. */
const statuses: Readonly<Record<number, number>> = {
  3: 400,
  4: 504,
  5: 404,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 400,
  13: 500,
  14: 503,
  16: 401,
}
/** Of a request that was cancelled with its job, and so never tried. */
const cancelled = 1
const noHeaders = { get: () => null }

/**
 * Reads a line of a job's results, or a result that came inline, as if its reply had come online.
 *
 * @returns `undefined` for a request that was not tried, and for a line that says nothing
 */
export function toGeminiResult(
  result: unknown,
  call: ProviderCall,
  toAnswer: (body: unknown) => ChatAnswer,
): JobResult | undefined {
  const id = keyOf(result)
  if (!isObject(result) || id === undefined) return undefined
  const { response, error } = result
  if (isObject(response))
    try {
      return { id, answer: toAnswer(response) }
    } catch (thrown) {
      if (isRetortError(thrown)) return { id, error: thrown }
      throw thrown
    }
  const code = Number(isObject(error) ? error['code'] : undefined)
  if (!isObject(error) || code === cancelled) return undefined
  const status = code >= 400 && code < 600 ? code : (statuses[code] ?? 500)
  const reply = { status, headers: noHeaders, body: { error } }
  return { id, error: toProviderError(call, reply, Date.now()) }
}

function keyOf(result: unknown): string | undefined {
  if (!isObject(result)) return undefined
  const { key, metadata } = result
  const told = key ?? (isObject(metadata) ? metadata['key'] : undefined)
  return typeof told === 'string' ? told : undefined
}
