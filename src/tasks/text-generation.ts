import { LRUCache } from 'lru-cache'
import { z } from 'zod'

import { user } from '../core/chat.ts'
import { defineTask } from '../core/define-task.ts'
import type { TaskOutput, TaskStep } from '../core/define-task.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'
import {
  checkQuestion,
  exampleAnswer,
  questionReads,
  questionRowShape,
  questionShape,
  questionText,
  systemMessages,
} from './templated-question.ts'
import type { QuestionInput, QuestionParams } from './templated-question.ts'

const paramsSchema = z.object({
  ...questionShape,
  onCutOff: z.enum(['keep', 'reject']).default('keep'),
})
type FilledParams = z.output<typeof paramsSchema>

const rowSchemas = new LRUCache<string, z.ZodType<Record<string, unknown>>>({ max: 100 })

function rowSchema(params: FilledParams): z.ZodType<Record<string, unknown>> {
  const id = JSON.stringify(params.columns)
  const known = rowSchemas.get(id)
  if (known !== undefined) return known
  const schema = z.looseObject(questionRowShape(params))
  rowSchemas.set(id, schema)
  return schema
}

const task = defineTask({
  type: 'TextGeneration',
  version: '1',
  params: paramsSchema,
  inputs: z.looseObject({
    instruction: z.string(),
    system_prompt: z.string().nullish(),
  }) as z.ZodType<Record<string, unknown>>,
  outputs: z.object({ generation: z.string() }),
  rowSchema,
  reads: (params) => questionReads(params),
  checkParams: (params, stepName) => checkQuestion(params, stepName),
  onCutOff: (params) => params.onCutOff,
  formatInput: (row, { params }) => [
    ...systemMessages(row, params),
    user(questionText(row, params)),
  ],
  formatOutput: (text) => ({ generation: text }),
  example: (row, { params }) => exampleAnswer(questionText(row, params)),
})

/** Parameters of {@link textGeneration}. */
export interface TextGenerationParams extends TaskParams, QuestionParams {
  /** What becomes of an answer that was cut off at `maxNewTokens`. Default `keep`. */
  readonly onCutOff?: 'keep' | 'reject'
}

/**
 * Asks a model for a text, once a row.
 *
 * Reads the columns that its template uses and, where there is one, `system_prompt`; writes `generation` and
 * `model_name`. With `numGenerations` above 1 a row becomes several, or its columns lists with `groupGenerations`.
 */
export function textGeneration<const Given extends TextGenerationParams>(
  params: Given,
): TaskStep<QuestionInput<Given>, TaskOutput<{ readonly generation: string }, Given>> {
  // The columns follow from the parameters; the engine works them out again from their values.
  return task(params as never) as never
}

/** What the registry holds of it. */
export const textGenerationDefinition: StepDefinition = task.definition
