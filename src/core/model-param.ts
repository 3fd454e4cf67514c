import type { Row } from './columns.ts'
import { isObject } from './json.ts'
import type { ModelKind } from './llm-spec.ts'
import type { AnyDefinition } from './step.ts'

/** The parameter that holds a step's model, by what the model is for. */
export const modelParams: Readonly<Record<ModelKind, string>> = {
  llm: 'llm',
  embeddings: 'embeddings',
  images: 'imageGenerationModel',
}

/** The kind of model that a step asks; `undefined` where it asks none. */
export function modelKindOf(definition: AnyDefinition): ModelKind | undefined {
  return definition.kind === 'map' ? definition.asks : undefined
}

/** The model that a step's parameters name, and where; what of it holds is not checked. */
export function modelIn(
  params: Row | undefined,
): { readonly name: string; readonly model: Row } | undefined {
  for (const name of Object.values(modelParams)) {
    const model = params?.[name]
    if (isObject(model)) return { name, model }
  }
  return undefined
}
