import type {
  BatchJobs,
  FoundJob,
  JobIntent,
  JobRequest,
  JobResult,
} from '../../core/batch-jobs.ts'
import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import { isObject, jsonOrText } from '../../core/json.ts'

import { callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { statusOf } from '../http/provider-error.ts'
import { jsonBody } from '../http/stream-body.ts'
import { createStreamClient } from '../http/stream-client.ts'
import {
  cancelUnlessEnded,
  intentMember,
  notDescribed,
  shownStatus,
  slackMs,
} from '../jobs/job-calls.ts'
import { jobFileName, linesIfThere, uploadJobFile } from '../jobs/job-files.ts'
import { type BatchObject, toBatchObject, toJobStatus } from './batch-object.ts'
import { toBatchResult } from './batch-result.ts'
import type { OpenAIConnection } from './openai-client.ts'

/** Batch jobs of a server that speaks OpenAI's Batch API. */
export interface OpenAIBatchesOptions {
  readonly connection: OpenAIConnection
  /** A request as a call online would send it: what comes after the base address, and the body. */
  readonly toWire: (request: ChatRequest) => { readonly path: string; readonly body: object }
  /** Reads a reply of a path as a call online would. */
  readonly toAnswer: (call: ProviderCall, path: string, body: unknown) => ChatAnswer
}

/** Batch jobs over connections of their own. */
export interface OpenAIBatches extends BatchJobs {
  close(): Promise<void>
}

const pageSize = 100
/** Paths of requests as a job's input has them begin with this, wherever the server is. */
const version = '/v1'

/**
 * Makes the batch jobs of a server: a file is uploaded, then a job created that names it.
 *
 * A job bears its intent's id as metadata, and its input file bears it in its name.
 */
export function createOpenAIBatches(options: OpenAIBatchesOptions): OpenAIBatches {
  const { connection, toWire, toAnswer } = options
  const { environment, timeouts } = connection
  const baseURL = connection.baseURL.replace(/\/+$/, '')
  const caller = callerOf(connection)
  const http = createStreamClient({
    caller,
    environment,
    timeouts,
    headers: headersOf(connection),
  })

  function urlOf(path: string, query: Readonly<Record<string, string>> = {}): string {
    const search = new URLSearchParams({ ...connection.query, ...query }).toString()
    return `${baseURL}${path}${search === '' ? '' : `?${search}`}`
  }

  async function askForBatch(
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<BatchObject> {
    const reply = await http.send({
      url: urlOf(path),
      signal,
      ...(body === undefined ? {} : { body: jsonBody(body) }),
    })
    const batch = toBatchObject(await reply.json('id'))
    if (batch === undefined) throw notDescribed(reply.call, 'job')
    return batch
  }

  /** Jobs from the newest to the oldest that may have come from an intent. */
  async function* jobsSince(since: number, signal: AbortSignal): AsyncGenerator<BatchObject> {
    let query: Record<string, string> = { limit: String(pageSize) }
    for (;;) {
      const reply = await http.send({ url: urlOf('/batches', query), signal })
      const { data, has_more: hasMore } = await reply.json('data')
      const page = (Array.isArray(data) ? data : [])
        .map(toBatchObject)
        .filter((batch) => batch !== undefined)
      const recent = page.filter(({ createdAt }) => createdAt === undefined || createdAt >= since)
      yield* recent
      const last = page.at(-1)
      if (hasMore !== true || last === undefined || recent.length === 0) return
      query = { limit: String(pageSize), after: last.id }
    }
  }

  /** Some servers keep no metadata, but all keep names of files. */
  async function hasInputOf(
    intent: JobIntent,
    { metadata, inputFile, total }: BatchObject,
    signal: AbortSignal,
  ): Promise<boolean> {
    const isOfAnother = metadata[intentMember] !== undefined
    if (isOfAnother || inputFile === undefined || (total > 0 && total !== intent.requests))
      return false
    try {
      const reply = await http.send({ url: urlOf(`/files/${inputFile}`), signal })
      return (await reply.json('id'))['filename'] === jobFileName(intent)
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw error
    }
  }

  async function* resultsOf(batch: BatchObject, signal: AbortSignal): AsyncGenerator<JobResult> {
    const path = batch.endpoint.startsWith(version)
      ? batch.endpoint.slice(version.length)
      : '/chat/completions'
    const call = { ...caller, url: toPublicUrl(urlOf(path)) }
    for (const file of batch.resultFiles)
      for await (const line of linesIfThere(
        http.send({ url: urlOf(`/files/${file}/content`), signal }),
      )) {
        const result = toBatchResult(line, call, (body) => toAnswer(call, path, body))
        if (result !== undefined) yield result
      }
  }

  return {
    mostRequests: 50_000,
    mostBytes: 200_000_000,
    priceShare: 0.5,
    toLine({ id, request }: JobRequest) {
      const { path, body } = toWire(request)
      return JSON.stringify({ custom_id: id, method: 'POST', url: `${version}${path}`, body })
    },
    async submit(intent, lines, signal) {
      let endpoint = ''
      async function* noticed() {
        for await (const line of lines) {
          if (endpoint === '') endpoint = endpointOf(line)
          yield line
        }
      }
      const input = { intent, lines: noticed() }
      const file = await uploadJobFile(http, urlOf('/files'), input, signal)
      const batch = await askForBatch('/batches', signal, {
        input_file_id: file,
        endpoint,
        completion_window: '24h',
        metadata: { [intentMember]: intent.id },
      })
      return batch.id
    },
    async find(intent, known, signal): Promise<FoundJob | undefined> {
      // A file without a job was submitted to nobody, so that jobs alone are looked for.
      for await (const batch of jobsSince(intent.submittedAt - slackMs, signal)) {
        if (known.has(batch.id)) continue
        const isCertain = batch.metadata[intentMember] === intent.id
        if (isCertain || (await hasInputOf(intent, batch, signal)))
          return { id: batch.id, isCertain: true }
      }
      return undefined
    },
    async status(job, signal) {
      return shownStatus(caller, toJobStatus(await askForBatch(`/batches/${job}`, signal)))
    },
    async *results(job, signal) {
      yield* resultsOf(await askForBatch(`/batches/${job}`, signal), signal)
    },
    async cancel(job, signal) {
      await cancelUnlessEnded(
        () => askForBatch(`/batches/${job}/cancel`, signal, {}),
        async () => toJobStatus(await askForBatch(`/batches/${job}`, signal)),
      )
    },
    close: () => http.close(),
  }
}

function endpointOf(line: string): string {
  const request = jsonOrText(line)
  const url = isObject(request) ? request['url'] : undefined
  return typeof url === 'string' ? url : ''
}

function headersOf({ key, keyHeader, headers }: OpenAIConnection): Record<string, string> {
  if (key === undefined) return { ...headers }
  return {
    ...headers,
    ...(keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key }),
  }
}
