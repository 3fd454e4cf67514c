import { textWithImages } from './chat.ts'
import type { AnswerFormat, ChatAnswer, ChatRequest } from './chat.ts'
import { membersOf } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { hashText } from './hash.ts'
import { canonicalJson, isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import type { ChatOptions } from './llm-spec.ts'
import { isBeginningTask, resolveParams } from './resolve-params.ts'
import { noModel, runStep } from './run-step.ts'
import type { StepDefinition } from './step.ts'

/** Where a model's JSON keeps what makes it live; JSON does not show it. */
export const connectKey: unique symbol = Symbol.for('retort.connect')

/** A model that waits for its limits and repeats what its provider failed at. */
export interface ConnectedLLM {
  ask(
    request: ChatRequest,
    options: ChatOptions & { readonly priority: number },
  ): Promise<ChatAnswer>
  checkFormat(format: AnswerFormat, who: string): Promise<void>
  readStructured(format: AnswerFormat, text: string, isCutOff: boolean): Promise<string>
  close(): Promise<void>
}

/** Runs a task over rows without Temporal and without a store. */
export async function processAlone(
  definition: StepDefinition,
  given: JsonObject,
  rows: readonly Row[],
): Promise<never[]> {
  const llm = given['llm']
  const connect = isObject(llm) ? Reflect.get(llm, connectKey) : undefined
  if (typeof connect !== 'function')
    throw new RetortError(
      'parameter-invalid',
      `Task '${definition.type}' has no live model; make its 'llm' with a factory such as openai({ model }) or mistral({ model }).`,
    )
  const params = fillParams(definition, given)
  const identities = identitiesOf(rows)
  const connected: ConnectedLLM = await connect()
  try {
    const result = await runStep({
      definition,
      params,
      step: { name: definition.type, batchSize: rows.length },
      rows: rows.map((row, index) => ({
        origin: String(index),
        identity: identities[index] ?? '',
        row,
      })),
      seed: 0,
      signal: new AbortController().signal,
      model: {
        ...noModel(definition.type),
        ask: ({ messages, rowIndex, sampleIndex, format, example }) =>
          connected.ask(
            { messages, parameters: {}, sampleIndex, ...(format === undefined ? {} : { format }) },
            { example, priority: rowIndex },
          ),
        checkFormat: (...given) => connected.checkFormat(...given),
        readStructured: (...answer) => connected.readStructured(...answer),
      },
    })
    const [rejected] = result.rejected
    if (rejected !== undefined)
      throw new RetortError(rejected.code, `Row ${rejected.origin}: ${rejected.reason}`, {
        data: { origin: rejected.origin, raw: rejected.raw },
      })
    // The schemas have checked the rows; their types are known to the caller alone.
    return result.rows.map((staged) => staged.row) as never[]
  } finally {
    await connected.close()
  }
}

/** The messages that a step would send for a row, as readable text. */
export function showPrompt(definition: StepDefinition, given: JsonObject, row?: Row): string {
  if (definition.prompt === undefined)
    throw new RetortError(
      'usage',
      `Step type '${definition.type}' asks no model, so it has no prompt to print.`,
    )
  const counted = isBeginningTask(definition) ? { numRows: 1, ...given } : given
  const params = fillParams(definition, counted)
  const sample = row ?? placeholders(definition, params)
  const [identity = ''] = identitiesOf([sample])
  const messages = definition.prompt(sample, params, { seed: 0, identity })
  return messages.map((message) => `[${message.role}]\n${textWithImages(message)}`).join('\n\n')
}

function fillParams(definition: StepDefinition, params: JsonObject): Row {
  const { type } = definition
  return resolveParams(definition, { name: type, type, params }).params
}

/** As rows of a source are identified, so that random choices are those that a run makes. */
export function identitiesOf(rows: readonly Row[]): string[] {
  const counts = new Map<string, number>()
  return rows.map((row) => {
    const text = canonicalJson(row)
    const occurrence = counts.get(text) ?? 0
    counts.set(text, occurrence + 1)
    return hashText(`${text}#${occurrence}`).slice(0, 32)
  })
}

/** A row of `<column>` texts, lists of them, or numbers, as the columns' types want it. */
function placeholders(definition: StepDefinition, params: Row): Row {
  const columns =
    definition.columns?.(params, definition.type).reads ??
    membersOf(definition.inputs, 'input', `the inputs of '${definition.type}'`).columns
  return Object.fromEntries(
    Object.entries(columns).map(([name, schema]) => {
      if (schema['type'] === 'number' || schema['type'] === 'integer') return [name, 0]
      if (schema['type'] === 'boolean') return [name, true]
      if (schema['type'] === 'array') return [name, [`<${name} 1>`, `<${name} 2>`]]
      return [name, `<${name}>`]
    }),
  )
}
