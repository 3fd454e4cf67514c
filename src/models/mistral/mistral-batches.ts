import type { BatchJobs, FoundJob } from '../../core/batch-jobs.ts'
import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'

import { callerOf } from '../http/model-connection.ts'
import { toPublicUrl } from '../http/provider-call.ts'
import { jsonBody } from '../http/stream-body.ts'
import { createStreamClient } from '../http/stream-client.ts'
import {
  cancelUnlessEnded,
  intentMember,
  notDescribed,
  shownStatus,
  slackMs,
} from '../jobs/job-calls.ts'
import { linesIfThere, uploadJobFile } from '../jobs/job-files.ts'
import { toBatchResult } from '../openai/batch-result.ts'

import type { MistralConnection } from './mistral-connection.ts'
import { type MistralJob, toMistralJob } from './mistral-job.ts'

/** Batch jobs of Mistral. */
export interface MistralBatchesOptions {
  readonly connection: MistralConnection
  /** A request's body as JSON, as a call online would send it. */
  readonly toBody: (request: ChatRequest) => string
  /** Reads a reply as a call online would. */
  readonly toAnswer: (body: unknown) => ChatAnswer
}

/** Batch jobs over connections of their own. */
export interface MistralBatches extends BatchJobs {
  close(): Promise<void>
}

const endpoint = '/v1/chat/completions'
const pageSize = 100

/**
 * Makes the batch jobs of Mistral: a file is uploaded, then a job created that names it and bears its intent's id.
 *
 * Mistral's own client would hold files in memory, and so is not asked.
 */
export function createMistralBatches(options: MistralBatchesOptions): MistralBatches {
  const { connection, toBody, toAnswer } = options
  const { serverURL, key, environment, timeouts, model } = connection
  const caller = callerOf(connection)
  const headers: Record<string, string> =
    key === undefined ? {} : { authorization: `Bearer ${key}` }
  const http = createStreamClient({ caller, environment, timeouts, headers })
  const urlOf = (path: string) => `${serverURL}/v1${path}`

  async function askForJob(path: string, signal: AbortSignal, body?: object): Promise<MistralJob> {
    const sent = body === undefined ? {} : { body: jsonBody(body) }
    const reply = await http.send({ url: urlOf(path), signal, ...sent })
    const job = toMistralJob(await reply.json('id'))
    if (job !== undefined) return job
    throw notDescribed(reply.call, 'job')
  }

  async function* jobsSince(since: number, signal: AbortSignal): AsyncGenerator<MistralJob> {
    for (let page = 0; ; page += 1) {
      const query = new URLSearchParams({
        page: String(page),
        page_size: String(pageSize),
        created_after: new Date(since).toISOString(),
      })
      const reply = await http.send({ url: urlOf(`/batch/jobs?${query.toString()}`), signal })
      const { data } = await reply.json('data')
      const listed = Array.isArray(data) ? data : []
      yield* listed.map(toMistralJob).filter((job) => job !== undefined)
      if (listed.length < pageSize) return
    }
  }

  return {
    mostRequests: 100_000,
    mostBytes: 512_000_000,
    priceShare: 0.5,
    toLine: ({ id, request }) => `{"custom_id":${JSON.stringify(id)},"body":${toBody(request)}}`,
    async submit(intent, lines, signal) {
      const file = await uploadJobFile(http, urlOf('/files'), { intent, lines }, signal)
      const job = await askForJob('/batch/jobs', signal, {
        input_files: [file],
        endpoint,
        model,
        metadata: { [intentMember]: intent.id },
        timeout_hours: 24,
      })
      return job.id
    },
    async find(intent, known, signal): Promise<FoundJob | undefined> {
      // A file without a job was submitted to nobody, so that jobs alone are looked for.
      for await (const { id, metadata } of jobsSince(intent.submittedAt - slackMs, signal))
        if (metadata[intentMember] === intent.id && !known.has(id)) return { id, isCertain: true }
      return undefined
    },
    async status(job, signal) {
      return shownStatus(caller, (await askForJob(`/batch/jobs/${job}`, signal)).status)
    },
    async *results(job, signal) {
      const { resultFiles } = await askForJob(`/batch/jobs/${job}`, signal)
      const call = { ...caller, url: toPublicUrl(`${serverURL}${endpoint}`) }
      for (const file of resultFiles)
        for await (const line of linesIfThere(
          http.send({ url: urlOf(`/files/${file}/content`), signal }),
        )) {
          const result = toBatchResult(line, call, toAnswer)
          if (result !== undefined) yield result
        }
    },
    async cancel(job, signal) {
      await cancelUnlessEnded(
        () => askForJob(`/batch/jobs/${job}/cancel`, signal, {}),
        async () => (await askForJob(`/batch/jobs/${job}`, signal)).status,
        [400, 409, 422],
      )
    },
    close: () => http.close(),
  }
}
