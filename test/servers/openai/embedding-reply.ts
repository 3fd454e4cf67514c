import { hash } from 'node:crypto'

import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import { seededRandom } from '../../../bench/fake-server/seeded-random.ts'
import type { FakeBatchesOptions } from './batch-options.ts'
import { errorReply } from './fake-http.ts'

interface EmbeddingBody {
  readonly model?: string
  readonly input?: string | readonly string[]
  readonly dimensions?: number
  readonly encoding_format?: string
}

/** What `/v1/embeddings` says; the same text always gets the same vector, which is not of unit length. */
export function embeddingReply(body: unknown, options: FakeBatchesOptions): FakeReply {
  const { model = '', input = [], dimensions, encoding_format: format } = body as EmbeddingBody
  const texts = typeof input === 'string' ? [input] : input
  if (texts.length === 0 || texts.length > 2048 || texts.includes(''))
    return errorReply(400, "'$.input' is invalid. Please check the API reference.")
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
  if (tokens > 300_000)
    return errorReply(400, `Requested ${tokens} tokens, max 300000 tokens per request`)
  const isText = format === 'base64' && !options.ignoresEncodingFormat
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, dimensions ?? options.dimensions)
    return { object: 'embedding', index, embedding: isText ? toBase64(vector) : [...vector] }
  })
  if (options.reversesVectors) data.reverse()
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  return { status: 200, body: { object: 'list', data, model, usage } }
}

/** The vector that a text gets. */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const random = seededRandom(Number.parseInt(hash('sha1', text).slice(0, 8), 16))
  return Float32Array.from({ length: dimensions }, () => random() * 2 - 1)
}

function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString('base64')
}
