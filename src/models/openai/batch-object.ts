import type { JobStatus } from '../../core/batch-jobs.ts'
import { isObject } from '../../core/json.ts'

import { countIn } from '../http/reply-members.ts'

/** A job as OpenAI's Batch API describes it. */
export interface BatchObject {
  readonly id: string
  readonly status: string
  /** The path that its requests go to, such as `/v1/chat/completions`. */
  readonly endpoint: string
  /** Milliseconds since 1970; `undefined` where it does not say. */
  readonly createdAt: number | undefined
  readonly metadata: Readonly<Record<string, unknown>>
  readonly inputFile: string | undefined
  /** The files that hold its results, good ones and bad ones. */
  readonly resultFiles: readonly string[]
  /** Requests that it has, as far as it has counted them. */
  readonly total: number
  readonly finished: number
  /** What it says about why it failed. */
  readonly complaints: readonly string[]
}

const endings: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled'])
const mostComplaints = 3

/** Reads a job; `undefined` where a reply describes none. */
export function toBatchObject(body: unknown): BatchObject | undefined {
  if (!isObject(body)) return undefined
  const { id, status, endpoint, metadata, errors, created_at: createdAt } = body
  if (typeof id !== 'string' || id === '' || typeof status !== 'string') return undefined
  const counts = body['request_counts']
  return {
    id,
    status: status.toLowerCase(),
    endpoint: typeof endpoint === 'string' ? endpoint : '',
    createdAt: typeof createdAt === 'number' ? createdAt * 1000 : undefined,
    metadata: isObject(metadata) ? metadata : {},
    inputFile: textOf(body['input_file_id']),
    resultFiles: [textOf(body['output_file_id']), textOf(body['error_file_id'])].filter(
      (file) => file !== undefined,
    ),
    total: countIn(counts, 'total'),
    finished: countIn(counts, 'completed') + countIn(counts, 'failed'),
    complaints: toComplaints(errors),
  }
}

/** How far a job is. */
export function toJobStatus(batch: BatchObject): JobStatus {
  const { status, finished, complaints } = batch
  if (!endings.has(status)) return { state: 'going', finished }
  if (status === 'completed') return { state: 'ended', finished }
  const problem = status === 'failed' && complaints.length > 0 ? complaints.join(' ') : status
  return { state: 'ended', finished, problem }
}

/** The first things that were wrong with a job, each with its line. */
function toComplaints(errors: unknown): readonly string[] {
  const data = isObject(errors) ? errors['data'] : errors
  if (!Array.isArray(data)) return []
  return data.slice(0, mostComplaints).flatMap((error: unknown) => {
    const said = isObject(error) ? textOf(error['message']) : textOf(error)
    if (said === undefined) return []
    const line = isObject(error) ? error['line'] : undefined
    return [typeof line === 'number' ? `Line ${line}: ${said}` : said]
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
