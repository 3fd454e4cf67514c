import { expect, test } from 'vitest'

import type { ModelSpec } from '../../../src/core/llm-spec.ts'
import { modelClasses } from '../../../src/import/distilabel/model-classes.ts'
import { modelDefinitions } from '../../../src/models/model-definitions.ts'
import { openAIKinds } from './dumped-models.ts'
import { nativeKinds } from './dumped-native-models.ts'
import { dumped, translatedStep } from './little-dump.ts'

const steps = {
  llm: ['TextGeneration', 'llm', 'llm'],
  embeddings: ['EmbeddingGeneration', 'embeddings', 'embeddings'],
  images: ['ImageGeneration', 'image_generation_model', 'imageGenerationModel'],
} as const

function translated(name: string, fields: object): ModelSpec {
  const kind = modelClasses.get(name)?.kind ?? 'llm'
  const [step, field, parameter] = steps[kind]
  const params = translatedStep(dumped(step, { [field]: dumped(name, fields) }))['params']
  return (params as Readonly<Record<string, ModelSpec>>)[parameter] as ModelSpec
}

const classes = [...openAIKinds, ...nativeKinds]

test.for(classes)('%s becomes ours, with its parameters', ([name, fields, params]) => {
  const spec = translated(name, fields)
  expect(spec).toEqual({ type: name, params })
  expect(modelDefinitions.get(spec.type)?.identity(spec)).toBeDefined()
})

test('every class is among them', () => {
  expect(classes.map(([name]) => name).toSorted()).toEqual([...modelClasses.keys()].toSorted())
})
