import type { LlamaContext, LlamaContextOptions } from 'node-llama-cpp'

import type { GGUFParams } from './llama-cpp-params.ts'
import { type LoadedGGUF, toMemoryError } from './load-gguf.ts'

const defaultContextSize = 4096

/** What of a context a user may set. */
export type ContextParams = Pick<GGUFParams, 'contextSize' | 'batchSize' | 'threads'> & {
  readonly parallel?: number
}

/** Settings of a context: no larger than the model was made for, on as many threads as the machine has cores. */
export function toContextOptions(
  { model, llama }: LoadedGGUF,
  { contextSize, batchSize, threads }: ContextParams,
): Pick<LlamaContextOptions, 'batchSize'> & { contextSize: number; threads: number } {
  return {
    contextSize: contextSize ?? Math.min(defaultContextSize, model.trainContextSize),
    ...(batchSize === undefined ? {} : { batchSize }),
    // The library's own number may be higher, and threads that share a core wait for each other at every token.
    threads: threads ?? llama.cpuMathCores,
  }
}

/** Makes a context in which several answers are written at once. */
export async function createContext(
  loaded: LoadedGGUF,
  who: string,
  params: ContextParams,
): Promise<LlamaContext> {
  try {
    return await loaded.model.createContext({
      ...toContextOptions(loaded, params),
      sequences: params.parallel ?? 1,
    })
  } catch (error) {
    throw toMemoryError(loaded.module, who, error)
  }
}
