import type { EmbeddingModel } from '../../core/embedding-model.ts'
import { isObject } from '../../core/json.ts'

import { countIn } from '../http/reply-members.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { toVectors } from '../embeddings/to-vectors.ts'

import { modelPath } from './google-address.ts'
import { type GoogleConnection, createGoogleClient } from './google-client.ts'

/** A model behind the Gemini API's `batchEmbedContents`. */
export interface GoogleEmbedderOptions extends GoogleConnection {
  readonly taskType: string | undefined
  readonly outputDimensionality: number | undefined
  readonly normalizes: boolean
}

const mostTexts = 100
/** Google bounds the tokens of each text, and not those of all. */
const mostTokensOf = (model: string) => (model.includes('embedding-2') ? 8192 : 2048)

/** Makes a model live that turns texts into vectors, one attempt a call. */
export async function createGoogleEmbedder(
  options: GoogleEmbedderOptions,
): Promise<EmbeddingModel> {
  const { type, model, taskType, outputDimensionality } = options
  const client = await createGoogleClient(options)
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens: mostTexts * mostTokensOf(model),
    async embed({ texts }, callOptions) {
      checkTexts(`${type} '${model}'`, texts, mostTexts)
      const requests = texts.map((text) => ({
        model: modelPath(model),
        content: { parts: [{ text }] },
        taskType,
        outputDimensionality,
      }))
      const { call, body } = await client.ask(
        { method: 'embedContent', body: { requests }, wanted: 'embeddings' },
        callOptions,
      )
      const { embeddings, usageMetadata } = body
      const given = Array.isArray(embeddings) ? embeddings.map(valuesOf) : []
      return {
        vectors: toVectors(call, given, {
          texts: texts.length,
          dimensions: outputDimensionality,
          normalize: options.normalizes,
        }),
        usage: { inputTokens: countIn(usageMetadata, 'promptTokenCount'), outputTokens: 0 },
        model,
      }
    },
    close: client.close,
  }
}

function valuesOf(embedding: unknown): unknown {
  return isObject(embedding) ? embedding['values'] : undefined
}
