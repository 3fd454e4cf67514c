import { embeddingsClasses, imageClasses } from './further-model-classes.ts'
import { llmClasses } from './llm-classes.ts'
import type { ModelClass } from './model-class.ts'

/** The model classes that can be imported, by name. */
export const modelClasses: ReadonlyMap<string, ModelClass> = new Map(
  Object.entries({ ...llmClasses, ...embeddingsClasses, ...imageClasses }),
)
