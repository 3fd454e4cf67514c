import { hash } from 'node:crypto'

import { sampleOf } from './sample-of.ts'
import type { RouteCall, RouteReply, RouteServer } from './route-server.ts'
import { startRouteServer } from './route-server.ts'

/** Starts a fake Ollama that answers every conversation, raw prompt and text to be embedded. */
export async function startOllama(): Promise<RouteServer> {
  return await startRouteServer(reply)
}

function reply({ path, body }: RouteCall): RouteReply {
  const { model } = body
  const said = { model, created_at: '2026-01-01T00:00:00Z' }
  if (path === '/api/embed') {
    const texts = [body['input']].flat()
    return {
      body: { ...said, embeddings: texts.map(vectorOf), prompt_eval_count: texts.length * 3 },
    }
  }
  const prompt = JSON.stringify(body['messages'] ?? body['prompt'])
  const text = body['format'] === undefined ? `Answer ${hash('sha1', prompt)}` : json(body)
  const done = { done: true, done_reason: 'stop', prompt_eval_count: 7, eval_count: 5 }
  if (path === '/api/generate') return { body: { ...said, response: text, ...done } }
  if (path === '/api/chat')
    return { body: { ...said, message: { role: 'assistant', content: text }, ...done } }
  return { status: 404, body: '404 page not found' }
}

function json({ format }: RouteCall['body']): string {
  return JSON.stringify(sampleOf(format))
}

/** The same vector of length 1 for the same text. */
function vectorOf(text: unknown): number[] {
  const numbers = [...Buffer.from(hash('sha1', String(text)), 'hex')].slice(0, 8)
  const length = Math.hypot(...numbers)
  return numbers.map((number) => number / length)
}
