import { LRUCache } from 'lru-cache'
import { z } from 'zod'

import { system } from '../core/chat.ts'
import type { ChatMessage } from '../core/chat.ts'
import { RetortError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { ColumnContract } from '../core/step.ts'
import { checkTemplate, parseTemplate } from './prompt-template.ts'
import type { PromptTemplate } from './prompt-template.ts'

/** JSON Schema of {@link QuestionParams}, member by member. */
export const questionShape = {
  systemPrompt: z.string().optional(),
  template: z.string().default('{{ instruction }}'),
  columns: z.union([z.string(), z.array(z.string()).min(1)]).default('instruction'),
}

/** Parameters of a task whose question is a template over columns. */
export interface QuestionParams {
  /** Says how the model is to answer; a row's own `system_prompt` wins. */
  readonly systemPrompt?: string
  /** Jinja template of the user message. Default `{{ instruction }}`. */
  readonly template?: string
  /** The columns that the template uses. Default `instruction`. */
  readonly columns?: string | readonly string[]
}

/** {@link QuestionParams} with their defaults. */
export type FilledQuestion = z.output<z.ZodObject<typeof questionShape>>

type Cell = string | number | boolean | object

/** The columns that a template's parameters name. */
export type QuestionInput<Given> = Given extends { readonly columns: infer Columns }
  ? {
      readonly [
        K in Columns extends readonly (infer Name)[] ? Name & string : Columns & string
      ]: K extends 'instruction' ? string : Cell
    }
  : { readonly instruction: string }

const templates = new LRUCache<string, PromptTemplate>({ max: 100 })

function templateOf(text: string, stepName: string): PromptTemplate {
  const known = templates.get(text)
  if (known !== undefined) return known
  const parsed = parseTemplate(text, stepName)
  templates.set(text, parsed)
  return parsed
}

/** The names of the columns that a question is made of. */
export function questionColumns({ columns }: FilledQuestion): readonly string[] {
  return typeof columns === 'string' ? [columns] : columns
}

/** What each of a question's columns has to hold: `instruction` a text, others whatever the template makes of them. */
export function questionRowShape(params: FilledQuestion): Record<string, z.ZodType> {
  const names = questionColumns(params)
  const given = z
    .unknown()
    .refine((value) => value !== undefined && value !== null, 'it has no value')
  return {
    ...Object.fromEntries(names.map((name) => [name, name === 'instruction' ? z.string() : given])),
    ...(names.includes('system_prompt') ? {} : { system_prompt: z.string().nullish() }),
  }
}

/** The columns that a question reads. */
export function questionReads(params: FilledQuestion): Pick<ColumnContract, 'reads' | 'optional'> {
  const names = questionColumns(params)
  const own = names.map((name): [string, JsonObject] => [
    name,
    name === 'instruction' ? { type: 'string' } : {},
  ])
  return {
    reads: Object.fromEntries([...own, ['system_prompt', { type: ['string', 'null'] }]]),
    optional: names.includes('system_prompt') ? [] : ['system_prompt'],
  }
}

/** @throws RetortError `parameter-invalid`, `template-invalid` */
export function checkQuestion(params: FilledQuestion, stepName: string): void {
  const names = questionColumns(params)
  if (new Set(names).size < names.length)
    throw new RetortError(
      'parameter-invalid',
      `Parameter 'columns' of step '${stepName}' names a column twice.`,
    )
  checkTemplate(templateOf(params.template, stepName), names, ['system_prompt'], stepName)
}

/** What a row asks. */
export function questionText(
  row: Readonly<Record<string, unknown>>,
  { template }: FilledQuestion,
): string {
  return templateOf(template, 'TextGeneration').render(row)
}

/** The system message before a row's question, if it has one. */
export function systemMessages(
  row: Readonly<Record<string, unknown>>,
  { systemPrompt }: FilledQuestion,
): readonly ChatMessage[] {
  const own = row['system_prompt']
  const prompt = typeof own === 'string' && own !== '' ? own : systemPrompt
  return prompt === undefined ? [] : [system(prompt)]
}

/** What a simulated model says to a question. */
export function exampleAnswer(question: string): string {
  const line = question.replaceAll(/\s+/g, ' ').trim()
  return `This is a simulated answer to: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`
}
