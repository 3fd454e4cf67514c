import type { JobStatus } from '../../core/batch-jobs.ts'
import { isObject } from '../../core/json.ts'

import { countIn } from '../http/reply-members.ts'

/** A batch job as Mistral describes it. */
export interface MistralJob {
  readonly id: string
  readonly status: JobStatus
  readonly metadata: Readonly<Record<string, unknown>>
  /** The files that hold its results, good ones and bad ones. */
  readonly resultFiles: readonly string[]
}

/** Why no more results come of a job that is over, by what Mistral calls its state. */
const endings: Readonly<Record<string, string | undefined>> = {
  SUCCESS: undefined,
  FAILED: 'failed',
  TIMEOUT_EXCEEDED: 'expired',
  CANCELLED: 'cancelled',
}
const mostComplaints = 3

/** Reads a job; `undefined` where a reply describes none. */
export function toMistralJob(body: unknown): MistralJob | undefined {
  if (!isObject(body)) return undefined
  const { id, status, metadata } = body
  if (typeof id !== 'string' || id === '' || typeof status !== 'string') return undefined
  return {
    id,
    status: toStatus(status, body),
    metadata: isObject(metadata) ? metadata : {},
    resultFiles: [body['output_file'], body['error_file']]
      .filter((file) => typeof file === 'string')
      .filter((file) => file !== ''),
  }
}

function toStatus(status: string, body: Readonly<Record<string, unknown>>): JobStatus {
  const finished = countIn(body, 'succeeded_requests') + countIn(body, 'failed_requests')
  if (!Object.hasOwn(endings, status)) return { state: 'going', finished }
  const ending = endings[status]
  if (ending === undefined) return { state: 'ended', finished }
  const complaints = ending === 'failed' ? complaintsIn(body['errors']) : []
  const problem = complaints.length === 0 ? ending : complaints.join(' ')
  return { state: 'ended', finished, problem }
}

/** What was wrong with a job, each thing once. */
function complaintsIn(errors: unknown): readonly string[] {
  if (!Array.isArray(errors)) return []
  return errors
    .map((error: unknown) => (isObject(error) ? error['message'] : undefined))
    .filter((message) => typeof message === 'string')
    .slice(0, mostComplaints)
}
