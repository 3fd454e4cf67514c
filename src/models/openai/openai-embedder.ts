import type { EmbeddingModel } from '../../core/embedding-model.ts'
import { isObject } from '../../core/json.ts'

import { countOf, modelIn } from '../http/reply-members.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { toVectors } from '../embeddings/to-vectors.ts'
import { type OpenAIConnection, createOpenAIClient } from './openai-client.ts'

/** A model behind OpenAI's embeddings. */
export interface OpenAIEmbedderOptions extends OpenAIConnection {
  readonly mostTexts: number
  readonly mostTokens: number
  readonly dimensions: number | undefined
  readonly normalize: boolean
}

const path = '/embeddings'

/** Makes a model live that turns texts into vectors over the `openai` client, one attempt a call. */
export function createOpenAIEmbedder(options: OpenAIEmbedderOptions): EmbeddingModel {
  const { type, model, mostTexts, mostTokens, dimensions, normalize } = options
  const client = createOpenAIClient(options)
  const call = client.callOf(path)
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens,
    async embed({ texts }, callOptions) {
      checkTexts(call.who, texts, mostTexts)
      // A third of the bytes of numbers, and exact; servers that don't know it send numbers.
      const body = { model, input: texts, dimensions, encoding_format: 'base64' }
      const reply = await client.ask({ path, body, wanted: 'data' }, callOptions)
      const vectors = toVectors(call, toSent(reply['data']), {
        texts: texts.length,
        dimensions,
        normalize,
      })
      const { model: answeredBy } = reply
      return {
        vectors,
        usage: { inputTokens: tokensOf(reply['usage']), outputTokens: 0 },
        model: modelIn(answeredBy, model),
      }
    },
    close: client.close,
  }
}

/** The vectors in the order of their texts, which each tells by its index. */
function toSent(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) return []
  const items = data.map((item: unknown) => (isObject(item) ? item : {}))
  const placed = items.every(({ index }, at) => index === undefined || index === at)
    ? items
    : items.toSorted((a, b) => Number(a['index']) - Number(b['index']))
  return placed.map(({ embedding }) => embedding)
}

function tokensOf(usage: unknown): number {
  const { prompt_tokens: prompt, total_tokens: total } = isObject(usage) ? usage : {}
  return countOf(prompt ?? total)
}
