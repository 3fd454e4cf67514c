import type { LlamaEmbeddingContext } from 'node-llama-cpp'

import type { EmbeddingModel } from '../../core/embedding-model.ts'

import { checkTexts } from '../embeddings/check-texts.ts'
import { normalize } from '../embeddings/normalize.ts'
import { toContextOptions } from './llama-context.ts'
import type { GGUFParams } from './llama-cpp-params.ts'
import { type LoadedGGUF, loadGGUF, toMemoryError } from './load-gguf.ts'
import { ModelCalls } from './model-calls.ts'

/** A model in a GGUF file that turns texts into vectors. */
export interface LlamaCppEmbedderOptions extends GGUFParams {
  readonly model: string
  readonly normalizeEmbeddings: boolean
}

const type = 'LlamaCppEmbeddings'
const mostTexts = 64
/** The marks of a text's beginning and end, and the token that llama.cpp keeps free. */
const tokensAroundText = 3

/** Makes a model live in this process that turns texts into vectors, one after another. */
export async function createLlamaCppEmbedder(
  options: LlamaCppEmbedderOptions,
): Promise<EmbeddingModel> {
  const who = `${type} '${options.model}'`
  const loaded = await loadGGUF(type, who, options)
  const { model } = loaded.value
  const { contextSize, threads } = toContextOptions(loaded.value, options)
  let context: LlamaEmbeddingContext
  try {
    context = await createEmbeddingContext(loaded.value, who, contextSize, threads)
  } catch (error) {
    await loaded.release()
    throw error
  }
  const calls = new ModelCalls(who)
  return {
    type,
    model: options.model,
    isSimulated: false,
    mostTexts,
    mostTokens: mostTexts * contextSize,
    embed: ({ texts }, { signal } = {}) =>
      calls.run(signal, async () => {
        checkTexts(who, texts, mostTexts)
        const vectors: Float32Array[] = []
        let inputTokens = 0
        for (const text of texts) {
          signal?.throwIfAborted()
          const tokens = model.tokenize(text).slice(0, contextSize - tokensAroundText)
          inputTokens += context.calculateInputLength([...tokens])
          const { vector } = await context.getEmbeddingFor(tokens)
          const exact = Float32Array.from(vector)
          vectors.push(options.normalizeEmbeddings ? normalize(exact) : exact)
        }
        return { vectors, usage: { inputTokens, outputTokens: 0 }, model: options.model }
      }),
    async close() {
      calls.close()
      await context.dispose()
      await loaded.release()
    },
  }
}

async function createEmbeddingContext(
  loaded: LoadedGGUF,
  who: string,
  contextSize: number,
  threads: number,
): Promise<LlamaEmbeddingContext> {
  try {
    // A model that looks both ways must read a text at once: a smaller batch would end the process.
    const batchSize = contextSize
    return await loaded.model.createEmbeddingContext({ contextSize, batchSize, threads })
  } catch (error) {
    throw toMemoryError(loaded.module, who, error)
  }
}
