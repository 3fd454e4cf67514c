import type { BatchJobs, FoundJob } from '../../core/batch-jobs.ts'
import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import { jsonOrText } from '../../core/json.ts'

import { callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { jsonBody } from '../http/stream-body.ts'
import { type StreamReply, createStreamClient } from '../http/stream-client.ts'
import { cancelUnlessEnded, notDescribed, shownStatus } from '../jobs/job-calls.ts'
import { jobFileName, jsonLinesType, linesIfThere, linesOfFile } from '../jobs/job-files.ts'

import { type GeminiJob, toGeminiJob } from './gemini-job.ts'
import { toGeminiResult } from './gemini-result.ts'
import { type GoogleConnection, keyHeader } from './google-client.ts'
import { modelPath } from './google-address.ts'
import { uploadFile } from './upload-file.ts'

/** Batch jobs of the Gemini API. */
export interface GeminiBatchesOptions {
  readonly connection: GoogleConnection
  /** A request as a call online would send it. */
  readonly toBody: (request: ChatRequest) => object
  /** Reads a reply as a call online would. */
  readonly toAnswer: (call: ProviderCall, body: unknown) => ChatAnswer
}

/** Batch jobs over connections of their own. */
export interface GeminiBatches extends BatchJobs {
  close(): Promise<void>
}

const pageSize = '100'

/**
 * Makes the batch jobs of the Gemini API: a file is uploaded, then a job created that names it.
 *
 * A job bears its intent's id as its display name, which is how it is found again. Files are kept for two days.
 */
export function createGeminiBatches(options: GeminiBatchesOptions): GeminiBatches {
  const { connection, toBody, toAnswer } = options
  const { model, key, environment, timeouts, baseURL, apiVersion } = connection
  const caller = callerOf(connection)
  const http = createStreamClient({ caller, environment, timeouts, headers: {} })
  const headers: Record<string, string> = key === undefined ? {} : { [keyHeader]: key }
  const urlOf = (path: string) => `${baseURL}/${apiVersion}/${path}`

  function send(url: string, signal: AbortSignal, body?: object): Promise<StreamReply> {
    const sent = body === undefined ? {} : { body: jsonBody(body) }
    return http.send({ url, headers, signal, ...sent })
  }

  async function askForJob(path: string, signal: AbortSignal, body?: object): Promise<GeminiJob> {
    const reply = await send(urlOf(path), signal, body)
    const job = toGeminiJob(await reply.json('name'))
    if (job !== undefined) return job
    throw notDescribed(reply.call, 'job')
  }

  async function* allJobs(signal: AbortSignal): AsyncGenerator<GeminiJob> {
    let query = new URLSearchParams({ pageSize })
    for (;;) {
      const reply = await send(urlOf(`batches?${query.toString()}`), signal)
      const { operations, nextPageToken } = await reply.json('operations')
      for (const operation of Array.isArray(operations) ? operations : []) {
        const job = toGeminiJob(operation)
        if (job !== undefined) yield job
      }
      if (typeof nextPageToken !== 'string' || nextPageToken === '') return
      query = new URLSearchParams({ pageSize, pageToken: nextPageToken })
    }
  }

  /** Results as they came; none where their file is gone. */
  async function* rawResults(job: GeminiJob, signal: AbortSignal): AsyncGenerator {
    yield* job.inlineResults
    if (job.resultFile === undefined) return
    const url = `${baseURL}/download/${apiVersion}/${job.resultFile}:download?alt=media`
    for await (const line of linesIfThere(send(url, signal))) yield jsonOrText(line)
  }

  return {
    // Google names no most number, but for Vertex AI.
    mostRequests: 200_000,
    mostBytes: 2_000_000_000,
    priceShare: 0.5,
    toLine: ({ id, request }) => JSON.stringify({ key: id, request: toBody(request) }),
    async submit(intent, lines, signal) {
      const fileName = await uploadFile(
        http,
        {
          url: `${baseURL}/upload/${apiVersion}/files`,
          name: jobFileName(intent),
          contentType: jsonLinesType,
          pieces: linesOfFile(lines),
          headers,
        },
        signal,
      )
      const batch = { displayName: intent.id, inputConfig: { fileName } }
      const path = `${modelPath(model)}:batchGenerateContent`
      return (await askForJob(path, signal, { batch })).id
    },
    async find(intent, known, signal): Promise<FoundJob | undefined> {
      // A file without a job was submitted to nobody, so that jobs alone are looked for.
      for await (const { id, displayName } of allJobs(signal))
        if (displayName === intent.id && !known.has(id)) return { id, isCertain: true }
      return undefined
    },
    async status(job, signal) {
      return shownStatus(caller, (await askForJob(`batches/${job}`, signal)).status)
    },
    async *results(job, signal) {
      const call = { ...caller, url: toPublicUrl(urlOf(`${modelPath(model)}:generateContent`)) }
      const read = (body: unknown) => toAnswer(call, body)
      for await (const raw of rawResults(await askForJob(`batches/${job}`, signal), signal)) {
        const result = toGeminiResult(raw, call, read)
        if (result !== undefined) yield result
      }
    },
    async cancel(job, signal) {
      await cancelUnlessEnded(
        async () => await (await send(urlOf(`batches/${job}:cancel`), signal, {})).text(),
        async () => (await askForJob(`batches/${job}`, signal)).status,
      )
    },
    close: () => http.close(),
  }
}
