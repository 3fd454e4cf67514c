import { LRUCache } from 'lru-cache'
import { z } from 'zod'

import { system, user } from '../core/chat.ts'
import { defineTask } from '../core/define-task.ts'
import type { TaskOutput, TaskStep } from '../core/define-task.ts'
import { RetortError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'
import { checkTemplate, parseTemplate } from './prompt-template.ts'
import type { PromptTemplate } from './prompt-template.ts'

const paramsSchema = z.object({
  systemPrompt: z.string().optional(),
  template: z.string().default('{{ instruction }}'),
  columns: z.union([z.string(), z.array(z.string()).min(1)]).default('instruction'),
  onCutOff: z.enum(['keep', 'reject']).default('keep'),
})
type FilledParams = z.output<typeof paramsSchema>

const templates = new LRUCache<string, PromptTemplate>({ max: 100 })

function templateOf(text: string, stepName = 'TextGeneration'): PromptTemplate {
  const known = templates.get(text)
  if (known !== undefined) return known
  const parsed = parseTemplate(text, stepName)
  templates.set(text, parsed)
  return parsed
}

const columnNames = ({ columns }: FilledParams) =>
  typeof columns === 'string' ? [columns] : columns

const rowSchemas = new LRUCache<string, z.ZodType<Record<string, unknown>>>({ max: 100 })

/** Default columns hold the text to answer; others hold whatever the template makes of them. */
function rowSchema(params: FilledParams): z.ZodType<Record<string, unknown>> {
  const names = columnNames(params)
  const id = JSON.stringify(names)
  const known = rowSchemas.get(id)
  if (known !== undefined) return known
  const given = z
    .unknown()
    .refine((value) => value !== undefined && value !== null, 'it has no value')
  const schema = z.looseObject({
    ...Object.fromEntries(names.map((name) => [name, name === 'instruction' ? z.string() : given])),
    ...(names.includes('system_prompt') ? {} : { system_prompt: z.string().nullish() }),
  })
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
  reads: (params) => {
    const own = columnNames(params).map((name): [string, JsonObject] => [
      name,
      name === 'instruction' ? { type: 'string' } : {},
    ])
    const hasSystemPrompt = columnNames(params).includes('system_prompt')
    return {
      reads: Object.fromEntries([...own, ['system_prompt', { type: ['string', 'null'] }]]),
      optional: hasSystemPrompt ? [] : ['system_prompt'],
    }
  },
  checkParams(params, stepName) {
    const names = columnNames(params)
    if (new Set(names).size < names.length)
      throw new RetortError(
        'parameter-invalid',
        `Parameter 'columns' of step '${stepName}' names a column twice.`,
      )
    checkTemplate(templateOf(params.template, stepName), names, ['system_prompt'], stepName)
  },
  onCutOff: (params) => params.onCutOff,
  formatInput(row, { params }) {
    const own = row['system_prompt']
    const prompt = typeof own === 'string' && own !== '' ? own : params.systemPrompt
    const question = user(templateOf(params.template).render(row))
    return prompt === undefined ? [question] : [system(prompt), question]
  },
  formatOutput: (text) => ({ generation: text }),
  example(row, { params }) {
    const question = templateOf(params.template).render(row).replaceAll(/\s+/g, ' ').trim()
    return `This is a simulated answer to: ${question.length > 200 ? `${question.slice(0, 200)}…` : question}`
  },
})

/** Parameters of {@link textGeneration}. */
export interface TextGenerationParams extends TaskParams {
  /** Says how the model is to answer; a row's own `system_prompt` wins. */
  readonly systemPrompt?: string
  /** Jinja template of the user message. Default `{{ instruction }}`. */
  readonly template?: string
  /** The columns that the template uses. Default `instruction`. */
  readonly columns?: string | readonly string[]
  /** What becomes of an answer that was cut off at `maxNewTokens`. Default `keep`. */
  readonly onCutOff?: 'keep' | 'reject'
}

type Cell = string | number | boolean | object

/** The columns that a template's parameters name. */
type InputOf<Given> = Given extends { readonly columns: infer Columns }
  ? {
      readonly [
        K in Columns extends readonly (infer Name)[] ? Name & string : Columns & string
      ]: K extends 'instruction' ? string : Cell
    }
  : { readonly instruction: string }

/**
 * Asks a model for a text, once a row.
 *
 * Reads the columns that its template uses and, where there is one, `system_prompt`; writes `generation` and
 * `model_name`. With `numGenerations` above 1 a row becomes several, or its columns lists with `groupGenerations`.
 */
export function textGeneration<const Given extends TextGenerationParams>(
  params: Given,
): TaskStep<InputOf<Given>, TaskOutput<{ readonly generation: string }, Given>> {
  // The columns follow from the parameters; the engine works them out again from their values.
  return task(params as never) as never
}

/** What the registry holds of it. */
export const textGenerationDefinition: StepDefinition = task.definition
