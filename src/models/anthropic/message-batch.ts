import type { JobResult, JobStatus } from '../../core/batch-jobs.ts'
import { isRetortError } from '../../core/errors.ts'
import { isObject, jsonOrText } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { statusInBody, toProviderError } from '../http/provider-error.ts'
import { countIn } from '../http/reply-members.ts'

import { toMessagesAnswer } from './messages-answer.ts'

/** A batch as Anthropic describes it. */
export interface MessageBatch {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Requests that it was made of. */
  readonly requests: number
  readonly status: JobStatus
}

const noHeaders = { get: () => null }

/** Reads what Anthropic says of a batch; `undefined` where it says nothing of one. */
export function toMessageBatch(body: unknown): MessageBatch | undefined {
  if (!isObject(body)) return undefined
  const { id, created_at: createdAt, request_counts: counts } = body
  if (typeof id !== 'string' || id === '' || !isObject(counts)) return undefined
  const count = (name: string) => countIn(counts, name)
  const [expired, canceled] = [count('expired'), count('canceled')]
  const finished = count('succeeded') + count('errored') + expired + canceled
  const hasEnded = body['processing_status'] === 'ended'
  const problem =
    body['archived_at'] !== null && body['archived_at'] !== undefined
      ? 'archived'
      : expired > 0
        ? 'expired'
        : canceled > 0
          ? 'cancelled'
          : undefined
  return {
    id,
    createdAt: typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN,
    requests: finished + count('processing'),
    status: {
      state: hasEnded ? 'ended' : 'going',
      finished,
      ...(hasEnded && problem !== undefined ? { problem } : {}),
    },
  }
}

/**
 * Reads a line of a batch's results.
 *
 * @returns `undefined` for a request that was not tried, and for a line that says nothing
 */
export function toBatchResult(
  line: string,
  call: ProviderCall,
  model: string,
): JobResult | undefined {
  const value = jsonOrText(line)
  if (!isObject(value) || !isObject(value['result'])) return undefined
  const { custom_id: id, result } = value
  if (typeof id !== 'string') return undefined
  if (result['type'] === 'errored') {
    const body = result['error']
    const reply = { status: statusInBody(body), headers: noHeaders, body }
    return { id, error: toProviderError(call, reply, Date.now()) }
  }
  if (result['type'] !== 'succeeded') return undefined
  try {
    return { id, answer: toMessagesAnswer(call, result['message'], model) }
  } catch (error) {
    if (isRetortError(error)) return { id, error }
    throw error
  }
}
