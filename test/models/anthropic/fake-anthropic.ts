import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { fakeAnswer } from '../../../bench/fake-server/fake-answer.ts'
import { readBody, toCall } from '../../../bench/fake-server/fake-call.ts'
import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { sendReply } from '../../../bench/fake-server/fake-replies.ts'
import { splitRequests } from './split-requests.ts'
import { anthropicError, messageOf, messagesWire } from './messages-wire.ts'

/** A batch as the fake keeps it; tests may change what it says. */
export interface FakeBatch {
  readonly id: string
  createdAt: number
  readonly requests: { readonly id: string; readonly params: string }[]
  state: 'in_progress' | 'canceling' | 'ended'
  /** Times that it is asked how far it is before it has ended. */
  pollsLeft: number
  isArchived: boolean
  /** What became of a request: an answer, unless a test says something else. */
  resultOf(id: string, params: string): object
}

/** A running fake of Anthropic: its messages, and its batches. */
export interface FakeAnthropic {
  readonly url: string
  /** Every batch, the oldest first. */
  readonly batches: FakeBatch[]
  /** Every request: method and path. */
  readonly calls: { readonly call: string; readonly headers: IncomingMessage['headers'] }[]
  /** Replies to a request in the place of what it would have got. */
  respond: ((call: string) => FakeReply | undefined) | undefined
  close(): Promise<void>
}

/** Starts a server that speaks Anthropic's API, answers any conversation and ends batches when they are polled. */
export async function startFakeAnthropic(pollsUntilEnd = 1): Promise<FakeAnthropic> {
  const fake: Omit<FakeAnthropic, 'url' | 'close'> = { batches: [], calls: [], respond: undefined }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    const call = `${request.method} ${pathname}`
    fake.calls.push({ call, headers: request.headers })
    const reply = fake.respond?.(call)
    if (reply !== undefined) return sendReply(response, reply)
    if (call === 'POST /v1/messages') return answer(request, response)
    if (call === 'POST /v1/messages/batches') return submit(request, response)
    if (call === 'GET /v1/messages/batches') return list(searchParams, response)
    const [, id, action = ''] = /^\/v1\/messages\/batches\/([^/]+)(\/\w+)?$/.exec(pathname) ?? []
    const batch = fake.batches.find((known) => known.id === id)
    if (batch === undefined) return refuse(response, 404, 'Not found')
    if (action === '/results') return sendResults(batch, response)
    if (action === '/cancel') return cancel(batch, response)
    if (batch.state !== 'ended' && --batch.pollsLeft < 0) batch.state = 'ended'
    sendReply(response, { status: 200, body: describe(batch) })
  }

  async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requests: FakeBatch['requests'] = []
    for await (const { custom_id: id, params } of splitRequests(request))
      requests.push({ id, params: JSON.stringify(params).slice(0, 200) })
    const batch: FakeBatch = {
      id: `msgbatch_${fake.batches.length + 1}`,
      createdAt: Date.now(),
      requests,
      state: 'in_progress',
      pollsLeft: pollsUntilEnd,
      isArchived: false,
      resultOf: (id, params) => ({
        type: 'succeeded',
        message: messageOf([{ type: 'text', text: fakeAnswer(params) }], { id }),
      }),
    }
    fake.batches.push(batch)
    sendReply(response, { status: 200, body: describe(batch) })
  }

  function list(query: URLSearchParams, response: ServerResponse): void {
    const newest = fake.batches.toReversed()
    const after = newest.findIndex(({ id }) => id === query.get('after_id')) + 1
    const page = newest.slice(after, after + Number(query.get('limit') ?? 20))
    sendReply(response, {
      status: 200,
      body: {
        data: page.map(describe),
        has_more: after + page.length < newest.length,
        last_id: page.at(-1)?.id ?? null,
      },
    })
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = toCall(request, await readBody(request), 0)
  const { body } = messagesWire.body(call, fakeAnswer(call.prompt), false)
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

function cancel(batch: FakeBatch, response: ServerResponse): void {
  if (batch.state === 'ended') return refuse(response, 400, 'The batch has ended.')
  batch.state = 'canceling'
  sendReply(response, { status: 200, body: describe(batch) })
}

async function sendResults(batch: FakeBatch, response: ServerResponse): Promise<void> {
  if (batch.state !== 'ended' || batch.isArchived) return refuse(response, 404, 'Not found')
  response.writeHead(200, { 'content-type': 'application/x-jsonl' })
  for (const { id, params } of batch.requests.toReversed()) {
    const line = JSON.stringify({ custom_id: id, result: batch.resultOf(id, params) })
    if (!response.write(`${line}\n`)) await once(response, 'drain')
  }
  response.end()
}

function describe(batch: FakeBatch): object {
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  if (batch.state !== 'ended') counts.processing = batch.requests.length
  else
    for (const { id, params } of batch.requests) {
      const { type } = batch.resultOf(id, params) as { type: keyof typeof counts }
      counts[type]++
    }
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: batch.state,
    request_counts: counts,
    created_at: new Date(batch.createdAt).toISOString(),
    archived_at: batch.isArchived ? new Date().toISOString() : null,
    results_url: batch.state === 'ended' ? `/v1/messages/batches/${batch.id}/results` : null,
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const type = status === 404 ? 'not_found_error' : 'invalid_request_error'
  sendReply(response, { status, body: anthropicError(type, message) })
}
