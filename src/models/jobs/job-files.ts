import type { JobIntent } from '../../core/batch-jobs.ts'

import { statusOf } from '../http/provider-error.ts'
import type { StreamClient, StreamReply } from '../http/stream-client.ts'
import { multipartBody } from '../http/stream-multipart.ts'
import { notDescribed } from './job-calls.ts'

/** The media type of a job's input. */
export const jsonLinesType = 'application/jsonl'

/** What the file of a job's input is called, by which the job may be found again. */
export function jobFileName({ id }: JobIntent): string {
  return `retort-${id}.jsonl`
}

/** The lines of a job's input as its file holds them. */
export async function* linesOfFile(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}

/** Uploads a job's input as a form, and returns the id that the file gets. */
export async function uploadJobFile(
  http: StreamClient,
  url: string,
  { intent, lines }: { readonly intent: JobIntent; readonly lines: AsyncIterable<string> },
  signal: AbortSignal,
): Promise<string> {
  const body = multipartBody(
    { purpose: 'batch' },
    {
      field: 'file',
      name: jobFileName(intent),
      contentType: jsonLinesType,
      pieces: linesOfFile(lines),
    },
  )
  const reply = await http.send({ url, body, signal })
  const { id } = await reply.json('id')
  if (typeof id === 'string' && id !== '') return id
  throw notDescribed(reply.call, 'file')
}

/** Lines of a file that is asked for; none where it is gone, as files are after days or weeks. */
export async function* linesIfThere(asking: Promise<StreamReply>): AsyncGenerator<string> {
  const reply = await asking.catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined
    throw error
  })
  if (reply !== undefined) yield* reply.lines()
}
