import type { Row } from './columns.ts'
import { isObject } from './json.ts'
import { modelIn } from './model-param.ts'
import type { ModelType } from './registry.ts'

/** Where a model's JSON keeps the code of a type that is not built in; JSON does not show it. */
export const modelKey: unique symbol = Symbol.for('retort.model')

/** The code of the models that a step's parameters name and that are not built in, also of those within another. */
export function ownModelsIn(params: Row): ModelType[] {
  return modelCodeIn(modelIn(params)?.model)
}

/** The code of the models that a value is or holds. */
export function modelCodeIn(value: unknown): ModelType[] {
  if (Array.isArray(value)) return value.flatMap(modelCodeIn)
  if (!isObject(value)) return []
  const code: ModelType | undefined = Reflect.get(value, modelKey)
  return [...(code === undefined ? [] : [code]), ...Object.values(value).flatMap(modelCodeIn)]
}
