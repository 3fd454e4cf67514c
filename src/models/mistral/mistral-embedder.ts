import type { EmbeddingModel } from '../../core/embedding-model.ts'
import { isObject } from '../../core/json.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { toVectors } from '../embeddings/to-vectors.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { callForJson } from '../http/json-call.ts'
import { callerOf } from '../http/model-connection.ts'
import { type ProviderCall, toPublicUrl } from '../http/provider-call.ts'
import { countIn, modelIn } from '../http/reply-members.ts'

import type { MistralConnection } from './mistral-connection.ts'

/** A model behind Mistral's embeddings. */
export interface MistralEmbedderOptions extends MistralConnection {
  readonly outputDimension: number | undefined
  readonly normalizes: boolean
}

const mostTexts = 512
const mostTokens = 16_384

/**
 * Makes a model live that turns texts into vectors, one attempt a call.
 *
 * Mistral's own client checks each number of each vector by itself, and so is not asked.
 */
export function createMistralEmbedder(options: MistralEmbedderOptions): EmbeddingModel {
  const { type, model, key, outputDimension } = options
  const http = createDispatcherFetch(options.environment, options.timeouts)
  const url = `${options.serverURL}/v1/embeddings`
  const call: ProviderCall = { ...callerOf(options), url: toPublicUrl(url) }
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens,
    async embed({ texts }, callOptions) {
      checkTexts(call.who, texts, mostTexts)
      const asked = { model, input: texts, output_dimension: outputDimension }
      const outgoing = { url, key, body: asked, wanted: 'data' }
      const { body } = await callForJson(http, call, outgoing, callOptions)
      const { data, usage, model: answeredBy } = body
      return {
        vectors: toVectors(call, vectorsIn(data), {
          texts: texts.length,
          dimensions: outputDimension,
          normalize: options.normalizes,
        }),
        usage: { inputTokens: countIn(usage, 'prompt_tokens'), outputTokens: 0 },
        model: modelIn(answeredBy, model),
      }
    },
    close: http.close,
  }
}

/** The vectors in the order of their texts, which each tells by its index. */
function vectorsIn(data: unknown): readonly unknown[] {
  const items = Array.isArray(data) ? data.filter(isObject) : []
  return items
    .toSorted((a, b) => Number(a['index'] ?? 0) - Number(b['index'] ?? 0))
    .map(({ embedding }) => embedding)
}
