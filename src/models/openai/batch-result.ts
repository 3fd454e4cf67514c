import type { JobResult } from '../../core/batch-jobs.ts'
import type { ChatAnswer } from '../../core/chat.ts'
import { type RetortError, isRetortError } from '../../core/errors.ts'
import { isObject, jsonOrText } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { toProviderError } from '../http/provider-error.ts'

/** What a job says of requests that it never tried. */
const untried: ReadonlySet<unknown> = new Set(['batch_expired', 'batch_cancelled'])

const noHeaders = { get: () => null }

/**
 * Reads a line of a job's results as if its reply had come online.
 *
 * @returns `undefined` for a request that was not tried, and for a line that says nothing
 */
export function toBatchResult(
  line: string,
  call: ProviderCall,
  toAnswer: (body: unknown) => ChatAnswer,
): JobResult | undefined {
  const result = jsonOrText(line)
  if (!isObject(result) || typeof result['custom_id'] !== 'string') return undefined
  const { custom_id: id, response, error } = result
  if (isObject(error) && untried.has(error['code'])) return undefined
  const status = isObject(response) ? response['status_code'] : undefined
  const body = isObject(response) ? response['body'] : { error }
  if (status !== 200) return { id, error: toError(call, status, body) }
  try {
    return { id, answer: toAnswer(body) }
  } catch (thrown) {
    if (isRetortError(thrown)) return { id, error: thrown }
    throw thrown
  }
}

function toError(call: ProviderCall, status: unknown, body: unknown): RetortError {
  const isStatus = typeof status === 'number' && status >= 400 && status < 600
  return toProviderError(
    call,
    { status: isStatus ? status : 500, headers: noHeaders, body },
    Date.now(),
  )
}
