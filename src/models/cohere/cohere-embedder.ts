import type { EmbeddingModel } from '../../core/embedding-model.ts'
import { isObject } from '../../core/json.ts'

import { countIn } from '../http/reply-members.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { toVectors } from '../embeddings/to-vectors.ts'

import { type CohereConnection, createCohereCaller } from './cohere-client.ts'
import type { CohereEmbeddingsOptions, CohereInputType } from './cohere-embeddings.ts'

/** A model behind Cohere's embeddings. */
export interface CohereEmbedderOptions extends CohereConnection {
  readonly inputType: CohereInputType
  readonly dimensions: number | undefined
  readonly truncate: CohereEmbeddingsOptions['truncate'] | undefined
  readonly normalizes: boolean
}

const mostTexts = 96
const mostTokens = 128_000
/** Models before the fourth read no more of a text than this. */
const mostTokensOfText = 512

/** Makes a model live that turns texts into vectors over Cohere's client, one attempt a call. */
export function createCohereEmbedder(options: CohereEmbedderOptions): EmbeddingModel {
  const { type, model, inputType, dimensions, truncate } = options
  const { call, ask, close } = createCohereCaller(options, '/v2/embed', 'embeddings')
  const shared = {
    model,
    inputType,
    embeddingTypes: ['float' as const],
    ...(dimensions === undefined ? {} : { outputDimension: dimensions }),
    ...(truncate === undefined ? {} : { truncate }),
  }
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens: /embed-.*v[123]\./.test(model) ? mostTexts * mostTokensOfText : mostTokens,
    async embed({ texts }, callOptions) {
      checkTexts(call.who, texts, mostTexts)
      const request = { ...shared, texts: [...texts] }
      const { embeddings, meta } = await ask((client) => client.embed(request), callOptions)
      const given = isObject(embeddings) ? embeddings['float'] : undefined
      return {
        vectors: toVectors(call, Array.isArray(given) ? given : [], {
          texts: texts.length,
          dimensions,
          normalize: options.normalizes,
        }),
        usage: { inputTokens: inputTokensOf(meta), outputTokens: 0 },
        model,
      }
    },
    close,
  }
}

function inputTokensOf(meta: unknown): number {
  const { tokens, billed_units: billed } = isObject(meta) ? meta : {}
  return countIn(isObject(tokens) ? tokens : billed, 'input_tokens')
}
