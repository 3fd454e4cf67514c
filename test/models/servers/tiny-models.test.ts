import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { modelDefinitions } from '../../../src/models/model-definitions.ts'
import { request } from '../conformance/llm-conformance.ts'
import { writeTinyModels } from './tiny-models.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-tiny-'))
const { gguf, embeddingGguf, onnx, encoder } = await writeTinyModels(folder)

afterAll(() => rm(folder, { recursive: true }))

async function create(type: string, params: JsonObject): Promise<unknown> {
  return await modelDefinitions.get(type)?.create({ type, params }, {})
}

test.for([
  ['LlamaCppLLM', { modelPath: gguf }],
  ['TransformersLLM', { model: onnx }],
] as const)('%s answers with a tiny model', async ([type, params]) => {
  const llm = (await create(type, { ...params, threads: 1 })) as LLM
  const { choices } = await llm.chat(request('Hello', { maxNewTokens: 5, seed: 1 }))
  expect(choices[0]?.text).not.toBe('')
  await llm.close?.()
})

test.for([
  ['LlamaCppEmbeddings', { modelPath: embeddingGguf }],
  ['TransformersEmbeddings', { model: encoder }],
  ['SentenceTransformerEmbeddings', { model: encoder }],
] as const)('%s turns texts into vectors with a tiny model', async ([type, params]) => {
  const model = (await create(type, { ...params, threads: 1 })) as EmbeddingModel
  const { vectors } = await model.embed({ texts: ['one', 'two'] })
  expect(vectors.map(({ length }) => length)).toEqual([32, 32])
  await model.close?.()
})
