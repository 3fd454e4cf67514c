import type { AnswerFormat } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { withObjectRoot } from '../structured/object-root.ts'
import { toStrictSchema } from '../structured/to-strict-schema.ts'
import { schemaOf, toolOf } from '../structured/tool-of.ts'
import type { OpenAIDialect } from './openai-dialect.ts'

/** What a server is told of the form that an answer must have. */
export type AnswerForm =
  | { readonly mode: 'json-schema'; readonly schema: JsonObject; readonly isStrict: boolean }
  | { readonly mode: 'tool'; readonly tool: AnswerTool }
  | { readonly mode: 'regex'; readonly pattern: string }
  | { readonly mode: 'instructions' }

/** A tool as a server is told of it. */
export interface AnswerTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
  readonly isStrict: boolean
}

/**
 * Makes the function that chooses how a model is held to a form: in the mode that is wanted where it can be,
 * else in the strongest that the server has, else in words.
 */
export function createAnswerForm(
  { capabilities: { structured }, wantsStrictSchemas }: OpenAIDialect,
  wanted: StructuredMode | undefined,
): (format: AnswerFormat) => AnswerForm {
  // The rows of a step share one format, and making a schema strict takes longer than a call.
  const known = new WeakMap<AnswerFormat, AnswerForm>()

  function choose(format: AnswerFormat): AnswerForm {
    const mode = wanted ?? strongest(format, structured)
    if (mode === 'tool') return { mode, tool: toTool(format) }
    if (mode === 'regex' && format.format === 'regex') return { mode, pattern: format.pattern }
    if (mode === 'json-schema' && format.format === 'json')
      return wantsStrictSchemas
        ? toSchemaForm(format.schema)
        : { mode, schema: format.schema, isStrict: true }
    return { mode: 'instructions' }
  }

  /** A strict schema has to be one of OpenAI's form; any other is sent as advice, in the same mode. */
  function toSchemaForm(schema: JsonObject): AnswerForm {
    const strict = toStrictSchema(schema)
    return {
      mode: 'json-schema',
      schema: strict ?? withObjectRoot(schema),
      isStrict: strict !== undefined,
    }
  }

  function toTool(format: AnswerFormat): AnswerTool {
    const tool = toolOf(format)
    const strict = wantsStrictSchemas ? toStrictSchema(schemaOf(format)) : undefined
    return { ...tool, parameters: strict ?? tool.parameters, isStrict: strict !== undefined }
  }

  return (format) => {
    const found = known.get(format)
    if (found !== undefined) return found
    const form = choose(format)
    known.set(format, form)
    return form
  }
}

function strongest(
  { format }: AnswerFormat,
  structured: readonly StructuredMode[],
): StructuredMode {
  const able = format === 'regex' ? ['regex'] : ['json-schema', 'tool']
  return structured.find((mode) => able.includes(mode)) ?? 'instructions'
}
