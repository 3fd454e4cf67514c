import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { fakeAnswer } from '../../../bench/fake-server/fake-answer.ts'
import { readBody, toCall } from '../../../bench/fake-server/fake-call.ts'
import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { sendReply } from '../../../bench/fake-server/fake-replies.ts'
import { cohereError, cohereWire } from './cohere-wire.ts'

/** A running fake of Cohere: its chat and its embeddings. */
export interface FakeCohere {
  readonly url: string
  /** Every body of a request for embeddings. */
  readonly embedded: EmbedBody[]
  /** Replies to each request in the place of what it would have got. */
  reply: FakeReply | undefined
  close(): Promise<void>
}

/** A request for embeddings. */
export interface EmbedBody {
  readonly texts: readonly string[]
  readonly [name: string]: unknown
}

/** Starts a server that speaks Cohere's API: it answers any conversation and makes vectors of texts. */
export async function startFakeCohere(): Promise<FakeCohere> {
  const fake: Pick<FakeCohere, 'embedded' | 'reply'> = { embedded: [], reply: undefined }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request)
    if (fake.reply !== undefined) return sendReply(response, fake.reply)
    if (request.url === '/v2/chat') {
      const call = toCall(request, text, 0)
      const { body } = cohereWire.body(call, fakeAnswer(call.prompt), false)
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      return
    }
    if (request.url !== '/v2/embed')
      return sendReply(response, { status: 404, body: cohereError('Not found') })
    const body = JSON.parse(text) as EmbedBody
    fake.embedded.push(body)
    sendReply(response, { status: 200, body: embeddingsOf(body) })
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

/** For each text a vector that begins with its length. */
function embeddingsOf({ texts, output_dimension: dimensions }: EmbedBody): object {
  const length = typeof dimensions === 'number' ? dimensions : 4
  const float = texts.map((text) =>
    Array.from({ length }, (_, index) => (index === 0 ? text.length : 2 * index)),
  )
  const billed = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
  return {
    id: '1',
    embeddings: { float },
    texts,
    response_type: 'embeddings_by_type',
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: billed } },
  }
}
