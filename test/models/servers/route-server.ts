import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { readBody } from '../../../bench/fake-server/fake-call.ts'

/** A request as a fake provider reads it. */
export interface RouteCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The JSON that was sent; `undefined` where there was none. */
  readonly body: Readonly<Record<string, unknown>>
}

/** What a fake provider sends: bytes as they are, a text as a page, else JSON. */
export interface RouteReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A fake provider of one's own, and what it was asked. */
export interface RouteServer {
  readonly url: string
  readonly calls: readonly RouteCall[]
  close(): Promise<void>
}

/** Starts an HTTP server on 127.0.0.1 that replies to each request with what a function makes of it. */
export async function startRouteServer(
  reply: (call: RouteCall, url: string) => RouteReply,
): Promise<RouteServer> {
  const calls: RouteCall[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await readBody(request)
    const { method = 'GET', url = '/', headers } = request
    const call = { method, path: url, headers, body: text === '' ? {} : JSON.parse(text) }
    calls.push(call)
    const made = reply(call, urlOf())
    const [type, sent] = wireOf(made.body)
    response.writeHead(made.status ?? 200, { 'content-type': type, ...made.headers })
    response.end(sent)
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  // A server that listens on a port has an address with one.
  const urlOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: urlOf(),
    calls,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function wireOf(body: unknown): readonly [string, string | Uint8Array] {
  if (body instanceof Uint8Array) return ['application/octet-stream', body]
  if (typeof body === 'string') return ['text/html', body]
  return ['application/json', JSON.stringify(body)]
}
