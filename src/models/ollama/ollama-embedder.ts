import type { EmbeddingModel } from '../../core/embedding-model.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
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
  return {
    type,
    model,
    isSimulated: false,
    mostTexts,
    mostTokens,
    async embed({ texts }, callOptions) {
      const body = {
        model,
        input: texts,
        truncate,
        dimensions,
        keep_alive: keepAlive,
        ...(Object.keys(options).length === 0 ? {} : { options: toWireOptions(options) }),
      }
      const reply = await server.ask(path, 'embeddings', body, callOptions)
      const { model: answered, prompt_eval_count: inputTokens } = reply
      return {
        vectors: toVectors(server.callOf(path), reply['embeddings'], texts.length),
        usage: {
          inputTokens: typeof inputTokens === 'number' ? inputTokens : 0,
          outputTokens: 0,
        },
        model: typeof answered === 'string' && answered !== '' ? answered : model,
      }
    },
    close: server.http.close,
  }
}

function toVectors(call: ProviderCall, given: unknown, wanted: number): readonly Float32Array[] {
  const vectors = Array.isArray(given) ? given.map(toVector) : []
  const [first] = vectors
  const isWhole =
    vectors.length === wanted &&
    vectors.every((vector) => vector !== undefined && vector.length === first?.length)
  if (isWhole) return vectors.filter((vector) => vector !== undefined)
  throw new RetortError(
    'request-invalid',
    `${call.who} got ${vectors.length} vectors for ${wanted} texts from ${call.url}, or some that are not like the others.`,
  )
}

function toVector(given: unknown): Float32Array | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined
  const vector = Float32Array.from(given)
  return vector.every((value) => Number.isFinite(value)) ? vector : undefined
}
