import type { EmbeddingModel } from '../../core/embedding-model.ts'
import type { JsonObject } from '../../core/json.ts'

import { countIn, modelIn } from '../http/reply-members.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { toVectors } from '../embeddings/to-vectors.ts'
import { toWireOptions } from './ollama-options.ts'
import type { OllamaConnection } from './ollama-server.ts'
import { createOllamaServer } from './ollama-server.ts'

/** A model behind Ollama's `/api/embed`. */
export interface OllamaEmbedderOptions extends OllamaConnection {
  readonly options: JsonObject
  readonly keepAlive: string | number | undefined
  readonly dimensions: number | undefined
  readonly truncate: boolean | undefined
}

const path = '/api/embed'
/** Ollama itself bounds neither; calls that are longer only make others wait. */
const mostTexts = 128
const mostTokens = 128 * 8192

/** Makes a model live that turns texts into vectors, one attempt a call. */
export function createOllamaEmbedder(given: OllamaEmbedderOptions): EmbeddingModel {
  const { type, model, options, keepAlive, dimensions, truncate } = given
  const server = createOllamaServer(given)
  const call = server.callOf(path)
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens,
    async embed({ texts }, callOptions) {
      checkTexts(call.who, texts, mostTexts)
      const body = {
        model,
        input: texts,
        truncate,
        dimensions,
        keep_alive: keepAlive,
        ...(Object.keys(options).length === 0 ? {} : { options: toWireOptions(options) }),
      }
      const reply = await server.ask(path, 'embeddings', body, callOptions)
      const { embeddings } = reply
      return {
        vectors: toVectors(call, Array.isArray(embeddings) ? embeddings : [], {
          texts: texts.length,
          dimensions,
          normalize: false,
        }),
        usage: { inputTokens: countIn(reply, 'prompt_eval_count'), outputTokens: 0 },
        model: modelIn(reply['model'], model),
      }
    },
    close: server.http.close,
  }
}
