import type { IncomingMessage, ServerResponse } from 'node:http'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'

/** An error as OpenAI words it. */
export function errorReply(status: number, message: string, code: string | null = null): FakeReply {
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return { status, body: { error: { message, type, param: null, code } } }
}

/** Sends a reply whose body is text, bytes or a JSON value. */
export function sendBody(response: ServerResponse, { status, headers, body }: FakeReply): void {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const type = Buffer.isBuffer(body) ? 'image/png' : isRaw ? 'text/html' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(isRaw ? body : JSON.stringify(body))
}

/** Reads a request's body. */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
