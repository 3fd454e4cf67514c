import { join } from 'node:path'

import { writeTinyEmbeddingGGUF } from '../llama-cpp/tiny-embedding-gguf.ts'
import { writeTinyGGUF } from '../llama-cpp/tiny-gguf.ts'
import { writeTinyDecoder, writeTinyEncoder } from '../transformers/tiny-onnx.ts'

/** Paths of tiny models: two files, and two folders. */
export interface TinyModels {
  readonly gguf: string
  readonly embeddingGguf: string
  readonly onnx: string
  readonly encoder: string
}

/** Writes a model with random weights for each type that runs in the own process. */
export async function writeTinyModels(folder: string): Promise<TinyModels> {
  const models = {
    gguf: join(folder, 'tiny.gguf'),
    embeddingGguf: join(folder, 'tiny-embedding.gguf'),
    onnx: join(folder, 'tiny-decoder'),
    encoder: join(folder, 'tiny-encoder'),
  }
  await Promise.all([
    writeTinyGGUF(models.gguf),
    writeTinyEmbeddingGGUF(models.embeddingGguf),
    writeTinyDecoder(models.onnx),
    writeTinyEncoder(models.encoder),
  ])
  return models
}
