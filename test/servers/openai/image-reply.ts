import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'
import type { FakeBatchesOptions } from './batch-options.ts'
import { errorReply } from './fake-http.ts'

/** A picture of one dot. */
export const dotPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

interface ImageBody {
  readonly model?: string
  readonly prompt?: string
  readonly n?: number
  readonly response_format?: string
}

/** What `/v1/images/generations` says: GPT's models send bytes, DALL-E addresses or what it is asked for. */
export function imageReply(body: unknown, url: string, options: FakeBatchesOptions): FakeReply {
  const { model = '', prompt = '', n = 1, response_format: format } = body as ImageBody
  const isGpt = model.startsWith('gpt-image')
  if (prompt === '') return errorReply(400, "'prompt' is required.")
  if (isGpt && format !== undefined)
    return errorReply(400, "Unknown parameter: 'response_format'.", 'unknown_parameter')
  const sendsBytes = (isGpt || format === 'b64_json') && !options.sendsImageAddresses
  const image = sendsBytes ? { b64_json: dotPng.toString('base64') } : { url: `${url}/dot.png` }
  const data = Array.from({ length: n }, () => ({
    ...image,
    ...(model === 'dall-e-3' ? { revised_prompt: `A picture of: ${prompt}` } : {}),
  }))
  const input = Math.ceil(prompt.length / 4)
  const usage = { input_tokens: input, output_tokens: 100, total_tokens: input + 100 }
  return { status: 200, body: { created: 1_700_000_000, data, ...(isGpt ? { usage } : {}) } }
}
