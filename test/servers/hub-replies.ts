import type { IncomingMessage, ServerResponse } from 'node:http'

/** The body of a request. */
export async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString('utf8')
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

/** Answers as the Hub does where something is wrong. */
export function refuse(response: ServerResponse, status: number, code: string, said: string): void {
  if (code !== '') response.setHeader('x-error-code', code)
  response.setHeader('x-error-message', said)
  sendJson(response, status, { error: said })
}

/** Answers with a file, or with the range of it that was asked for. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (from === undefined) {
    response.writeHead(200, {
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': bytes.length,
    })
    response.end(bytes)
    return
  }
  const end =
    to === undefined || to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1)
  const range = `bytes ${from}-${end}/${bytes.length}`
  response.writeHead(206, { ...headers, 'content-range': range })
  response.end(bytes.subarray(Number(from), end + 1))
}
