import { z } from 'zod'

import { system, user } from '../core/chat.ts'
import type { AnswerFormat } from '../core/chat.ts'
import { defineTask } from '../core/define-task.ts'
import type { TaskOutput, TaskStep } from '../core/define-task.ts'
import { isObject, jsonOrText } from '../core/json.ts'
import type { JsonObject } from '../core/json.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'

const paramsSchema = z.object({ useSystemPrompt: z.boolean().default(false) })

const inputs = z.object({
  instruction: z.string(),
  structured_output: z
    .union([z.string(), z.looseObject({})])
    .refine(
      (value) => formatOf(value) !== undefined,
      `it takes { format: 'json', schema } with a JSON Schema, or { format: 'regex', schema } with a regular expression`,
    ),
  system_prompt: z.unknown().optional(),
})
const withSystemPrompt = inputs.extend({ system_prompt: z.string().nullish() })

/** What a row says that its answer has to be; a schema, or all of it, may be JSON as a text. */
function formatOf(given: unknown): AnswerFormat | undefined {
  const value = typeof given === 'string' ? jsonOrText(given) : given
  if (!isObject(value)) return undefined
  const { format, schema, pattern = schema } = value
  if (format === 'regex') return typeof pattern === 'string' ? { format, pattern } : undefined
  const plain = typeof schema === 'string' ? jsonOrText(schema) : schema
  // A member of a row is JSON.
  return format === 'json' && isObject(plain) ? { format, schema: plain as JsonObject } : undefined
}

const task = defineTask({
  type: 'StructuredGeneration',
  version: '1',
  params: paramsSchema,
  inputs,
  outputs: z.object({ generation: z.string() }),
  rowSchema: ({ useSystemPrompt }) => (useSystemPrompt ? withSystemPrompt : inputs),
  reads: ({ useSystemPrompt }) => ({
    reads: {
      instruction: { type: 'string' },
      structured_output: {},
      ...(useSystemPrompt ? { system_prompt: { type: ['string', 'null'] } } : {}),
    },
    optional: useSystemPrompt ? ['system_prompt'] : [],
  }),
  formatInput: ({ instruction, system_prompt: prompt }, { params }) =>
    params.useSystemPrompt && typeof prompt === 'string' && prompt !== ''
      ? [system(prompt), user(instruction)]
      : [user(instruction)],
  answerFormat: (row) => formatOf(row.structured_output),
  formatOutput: (text) => ({ generation: text }),
})

/** Parameters of {@link structuredGeneration}. */
export interface StructuredGenerationParams extends TaskParams {
  /** Whether a row's `system_prompt`, where it has one, goes before its instruction. Default false. */
  readonly useSystemPrompt?: boolean
}

/**
 * Asks a model for answers of a form that each row says itself.
 *
 * Reads `instruction` and `structured_output`: `{ format: 'json', schema }` with a JSON Schema, or
 * `{ format: 'regex', schema }` with a regular expression that the whole answer matches; either may be JSON as a text.
 * Writes `generation`, which is JSON without spaces or the text that matches, and `model_name`. An answer that does not
 * hold is asked for again, with what is wrong; then the row is rejected with `output-invalid`. Where all rows share one
 * form, `textGeneration` with `structuredOutput` does the same.
 */
export function structuredGeneration<const Given extends StructuredGenerationParams>(
  params: Given,
): TaskStep<
  { readonly instruction: string; readonly structured_output: string | object },
  TaskOutput<{ readonly generation: string }, Given>
> {
  // As with every task; the column's type is wider, so that rows of all sources fit.
  return task(params as never) as never
}

/** What the registry holds of it. */
export const structuredGenerationDefinition: StepDefinition = task.definition
