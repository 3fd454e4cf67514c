import type { JobStatus } from '../../core/batch-jobs.ts'
import { isObject } from '../../core/json.ts'

import { countOfText } from '../http/reply-members.ts'

/** A batch job as the Gemini API describes it. */
export interface GeminiJob {
  /** Without the `batches/` in front. */
  readonly id: string
  readonly displayName: string
  readonly status: JobStatus
  /** The file of its results, `files/…`. */
  readonly resultFile: string | undefined
  /** Its results, where they are not in a file. */
  readonly inlineResults: readonly unknown[]
}

const prefix = 'batches/'

/** Reads an operation that stands for a job; `undefined` where a reply describes none. */
export function toGeminiJob(operation: unknown): GeminiJob | undefined {
  if (!isObject(operation)) return undefined
  const { name, metadata, response } = operation
  if (typeof name !== 'string' || !name.startsWith(prefix)) return undefined
  const told = isObject(metadata) ? metadata : {}
  const output = isObject(response) ? response : isObject(told['output']) ? told['output'] : {}
  const { responsesFile, inlinedResponses } = output
  const inline = isObject(inlinedResponses) ? inlinedResponses['inlinedResponses'] : undefined
  return {
    id: name.slice(prefix.length),
    displayName: typeof told['displayName'] === 'string' ? told['displayName'] : '',
    status: toStatus(operation, told),
    resultFile: typeof responsesFile === 'string' ? responsesFile : undefined,
    inlineResults: Array.isArray(inline) ? inline : [],
  }
}

function toStatus(
  { done, error }: Readonly<Record<string, unknown>>,
  { state, batchStats }: Readonly<Record<string, unknown>>,
): JobStatus {
  const stats = isObject(batchStats) ? batchStats : {}
  // Google writes counts as texts, and leaves those out that are 0.
  const finished =
    countOfText(stats['successfulRequestCount']) + countOfText(stats['failedRequestCount'])
  // `BATCH_STATE_EXPIRED`, or `JOB_STATE_EXPIRED` as Vertex AI has it.
  const [, ending] = /_STATE_(SUCCEEDED|FAILED|CANCELLED|EXPIRED)$/.exec(String(state)) ?? []
  if (ending === undefined && done !== true) return { state: 'going', finished }
  const said = isObject(error) && typeof error['message'] === 'string' ? error['message'] : ''
  if (ending === 'CANCELLED' || ending === 'EXPIRED')
    return { state: 'ended', finished, problem: ending.toLowerCase() }
  if (ending === 'FAILED' || said !== '')
    return { state: 'ended', finished, problem: said === '' ? 'failed' : said }
  return { state: 'ended', finished }
}
