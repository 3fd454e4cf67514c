import type { IncomingMessage } from 'node:http'

import type { FakeCall } from './fake-options.ts'

/** Reads a request's body. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    request.on('error', reject)
  })
}

/** Reads what a request asks of the model. */
export function toCall(request: IncomingMessage, text: string, index: number): FakeCall {
  const body = parseJson(text)
  const { model, messages } = (body ?? {}) as { model?: unknown; messages?: unknown }
  return {
    path: request.url ?? '/',
    authorization: request.headers.authorization,
    body,
    model: typeof model === 'string' ? model : '',
    prompt: lastUserMessage(Array.isArray(messages) ? messages : []),
    index,
  }
}

function lastUserMessage(messages: readonly { role?: unknown; content?: unknown }[]): string {
  const content = messages.findLast((message) => message.role === 'user')?.content
  return typeof content === 'string' ? content : JSON.stringify(content ?? '')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
