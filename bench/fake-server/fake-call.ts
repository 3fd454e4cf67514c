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
  const { model, messages, input, prompt, tools, response_format: format } = (body ?? {}) as Asked
  const said =
    messages ?? input ?? (prompt === undefined ? [] : [{ role: 'user', content: prompt }])
  const userMessages = (Array.isArray(said) ? (said as Message[]) : []).filter(
    ({ role }) => role === 'user',
  )
  return {
    path: request.url ?? '/',
    headers: request.headers,
    authorization: request.headers.authorization,
    body,
    model: typeof model === 'string' ? model : '',
    prompt: promptOf(userMessages.at(-1)),
    firstPrompt: promptOf(userMessages[0]),
    wantsJson: tools !== undefined || format?.type?.startsWith('json') === true,
    index,
  }
}

/** A request's body: of chat completions, the Responses API or completions. */
interface Asked {
  readonly model?: unknown
  readonly messages?: unknown
  readonly input?: unknown
  readonly prompt?: unknown
  readonly tools?: unknown
  readonly response_format?: { readonly type?: string }
}

interface Message {
  readonly role?: unknown
  readonly content?: unknown
}

function promptOf(message: Message | undefined): string {
  const content = message?.content
  return typeof content === 'string' ? content : JSON.stringify(content ?? '')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
