import type {
  BatchJobs,
  FoundJob,
  JobIntent,
  JobRequest,
  JobStatus,
} from '../../core/batch-jobs.ts'
import type { ChatRequest } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { jsonOrText } from '../../core/json.ts'

import { callerOf } from '../http/model-connection.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { readReplyBody } from '../http/reply-body.ts'
import type { StreamBody } from '../http/stream-body.ts'
import { type StreamRequest, createStreamClient } from '../http/stream-client.ts'

import type { AnthropicConnection } from './anthropic-client.ts'
import { versionFor } from './claude-model.ts'
import { type MessageBatch, toBatchResult, toMessageBatch } from './message-batch.ts'

/** Batches of a server that speaks Anthropic's Message Batches API. */
export interface AnthropicBatchesOptions {
  readonly connection: Omit<AnthropicConnection, 'anthropic'>
  /** The body of a request as a call online would send it. */
  readonly toBody: (request: ChatRequest) => object
}

/** Batch jobs over connections of their own. */
export interface AnthropicBatches extends BatchJobs {
  close(): Promise<void>
}

const batchesPath = '/v1/messages/batches'
const pageSize = 100
/** Clocks differ. */
const slackMs = 300_000
/** Of the 256 MB that a batch may have, what stands between its requests takes less than 1. */
const mostBytes = 255_000_000

/** Makes the batch jobs of Anthropic, whose batches bear nothing that tells whose they are. */
export function createAnthropicBatches(options: AnthropicBatchesOptions): AnthropicBatches {
  const { model, baseURL, key, environment, timeouts } = options.connection
  const http = createStreamClient({
    caller: {
      ...callerOf(options.connection),
      advice: {
        'endpoint-wrong':
          '; check that baseURL has the right path, and that the batch was not deleted',
      },
    },
    environment,
    timeouts,
    headers: {
      'anthropic-version': versionFor(model),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
  })
  const urlOf = (path: string) => `${baseURL}${batchesPath}${path}`

  async function askForBatch(request: StreamRequest): Promise<MessageBatch> {
    const reply = await http.send(request)
    const batch = toMessageBatch(await reply.json('id'))
    if (batch === undefined) throw notDescribed(reply.call)
    return batch
  }

  const batchOf = (job: string, signal: AbortSignal) =>
    askForBatch({ url: urlOf(`/${job}`), signal })

  /** Lets an error pass that comes of how far a batch is. */
  const unless =
    (job: string, signal: AbortSignal, isFine: (status: JobStatus) => boolean) =>
    async (error: unknown): Promise<undefined> => {
      if (signal.aborted || !isFine((await batchOf(job, signal)).status)) throw error
      return undefined
    }

  /** Batches from the newest to the oldest that may have come from an intent. */
  async function* batchesSince(since: number, signal: AbortSignal): AsyncGenerator<MessageBatch> {
    let query = `?limit=${pageSize}`
    for (;;) {
      const reply = await http.send({ url: urlOf(query), signal })
      const { data, has_more: hasMore } = await reply.json('data')
      const page = (Array.isArray(data) ? data : [])
        .map(toMessageBatch)
        .filter((batch) => batch !== undefined)
      const recent = page.filter(({ createdAt }) => createdAt >= since)
      yield* recent
      const last = page.at(-1)
      if (hasMore !== true || last === undefined || recent.length < page.length) return
      query = `?limit=${pageSize}&after_id=${encodeURIComponent(last.id)}`
    }
  }

  return {
    mostRequests: 100_000,
    mostBytes,
    priceShare: 0.5,
    toLine: ({ id, request }: JobRequest) =>
      JSON.stringify({ custom_id: id, params: options.toBody(request) }),
    async submit(_intent, lines, signal) {
      const { id } = await askForBatch({ url: urlOf(''), body: bodyOf(lines), signal })
      return id
    },
    async find(intent: JobIntent, known, signal) {
      let found: FoundJob | undefined
      // A batch is made as soon as it is tried, so the oldest is the likeliest.
      for await (const { id, requests } of batchesSince(intent.submittedAt - slackMs, signal))
        if (!known.has(id) && requests === intent.requests) found = { id, isCertain: false }
      return found
    },
    async status(job, signal) {
      return (await batchOf(job, signal)).status
    },
    async *results(job, signal) {
      const reply = await http
        .send({ url: urlOf(`/${job}/results`), signal })
        .catch(unless(job, signal, ({ problem }) => problem === 'archived'))
      let isFirst = true
      for await (const line of reply?.lines() ?? []) {
        if (reply === undefined || line === '') continue
        // A page in the place of results must not pass for a batch that answered nothing.
        if (isFirst) readReplyBody(reply.call, jsonOrText(line), 'custom_id')
        isFirst = false
        const result = toBatchResult(line, reply.call, model)
        if (result !== undefined) yield result
      }
    },
    async cancel(job, signal) {
      const reply = await http
        .send({ url: urlOf(`/${job}/cancel`), method: 'POST', signal })
        .catch(unless(job, signal, ({ state }) => state === 'ended'))
      await reply?.json('id')
    },
    close: http.close,
  }
}

/** The lines as they are sent, none of them held. */
function bodyOf(lines: AsyncIterable<string>): StreamBody {
  return { contentType: 'application/json', pieces: piecesOf(lines) }
}

async function* piecesOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let before = '{"requests":['
  for await (const line of lines) {
    yield before + line
    before = ','
  }
  yield before === ',' ? ']}' : `${before}]}`
}

function notDescribed(call: ProviderCall): RetortError {
  return new RetortError(
    'provider-unavailable',
    `${call.who} got a reply that describes no batch from ${call.url}.`,
  )
}
