import { assistant, textOf, textWithImages, user } from './chat.ts'
import type { AnswerFormat, ChatAnswer, ChatMessage, TextMessage } from './chat.ts'
import type { Row } from './columns.ts'
import { messageOf, RetortError, isRetortError } from './errors.ts'
import { createRandom } from './random.ts'
import { reaskPrompt } from './reask-prompt.ts'
import { exampleOf } from './schema-example.ts'
import { isRejection, reject, rejectFor } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { AskingContext, StepOutput } from './step.ts'
import type { TaskContext, TaskDefinition, TaskParams } from './task.ts'

/** Parameters of a task with the common ones filled in. */
export type FilledTaskParams = TaskParams & Row

/**
 * Asks a task's questions for all rows at once, and yields what became of them in the order of the rows.
 *
 * Where one cannot be asked, the calls in flight end before that is thrown: no call outlives its batch.
 */
export async function* runTask(
  task: TaskDefinition,
  rows: readonly Row[],
  params: FilledTaskParams,
  context: AskingContext,
): AsyncIterable<StepOutput<Row>> {
  // All prompts before the first call: one that cannot be made stops the run, and should cost nothing.
  const asked = rows.map((row, rowIndex): TaskRow => {
    const identity = context.identities[rowIndex] ?? ''
    const own = taskContext(task, params, context.seed, identity)
    const messages = task.formatInput(row, own)
    const format = task.answerFormat?.(row, own) ?? formatOf(params)
    return { task, params, context, row, rowIndex, identity, messages, format }
  })
  yield* await allOrFirstFailure(asked.map(runTaskRow))
}

/** A row with its prompt and what the task's functions need. */
interface TaskRow {
  readonly task: TaskDefinition
  readonly params: FilledTaskParams
  readonly context: AskingContext
  readonly row: Row
  readonly rowIndex: number
  readonly identity: string
  readonly messages: readonly ChatMessage[]
  readonly format: AnswerFormat | undefined
}

/** What the parameters of a task say that every answer has to be; where they were checked, it is a format. */
function formatOf({ structuredOutput }: FilledTaskParams): AnswerFormat | undefined {
  return structuredOutput as AnswerFormat | undefined
}

async function runTaskRow(of: TaskRow): Promise<StepOutput<Row>> {
  const unfit = await unfitFormat(of)
  if (unfit !== undefined) return unfit
  const { numGenerations = 1, groupGenerations } = of.params
  const samples = await allOrFirstFailure(
    Array.from({ length: numGenerations }, (_, sampleIndex) => askUntilItHolds(of, sampleIndex)),
  )
  const [first] = samples
  if (groupGenerations === true) return groupSamples(samples)
  return samples.length === 1 && first !== undefined ? first : samples
}

/**
 * Rejects a row whose own format no answer can be held to, before anything is paid.
 *
 * @throws RetortError `parameter-invalid` where it is the format of all rows
 */
async function unfitFormat({ format, params, context }: TaskRow): Promise<Rejection | undefined> {
  if (format === undefined) return undefined
  const isOfAll = format === formatOf(params)
  const step = `step '${context.stepName}'`
  try {
    await context.checkFormat(
      format,
      isOfAll
        ? `Parameter 'structuredOutput' of ${step}`
        : `The answer that ${step} wants for a row`,
    )
    return undefined
  } catch (error) {
    if (isOfAll || !isRetortError(error)) throw error
    return reject('input-invalid', error.message)
  }
}

/** Waits for all of them, also where one fails. */
async function allOrFirstFailure<T>(going: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(going)
  return await Promise.all(going)
}

async function askUntilItHolds(of: TaskRow, sampleIndex: number): Promise<Row | Rejection> {
  const { params, context, rowIndex, format } = of
  const { numGenerations: samples = 1 } = params
  const example = () => exampleAnswer(of)
  const isRaw = of.messages[0]?.role === 'prompt'
  let { messages } = of
  let failed: Rejection | undefined
  for (let reask = 0; ; reask++) {
    let answer: ChatAnswer
    try {
      answer = await context.ask({
        messages,
        rowIndex,
        sampleIndex,
        samples: reask === 0 ? samples : 1,
        reask,
        format,
        example,
      })
    } catch (error) {
      const rejection = rejectFor(error)
      // What grew too long, or was refused unread, is our conversation; what counts is the answer that led to it.
      return failed === undefined ? rejection : afterAsks(failed, reask)
    }
    const parsed = await parseAnswer(of, messages, answer)
    if (!isRejection(parsed)) return parsed
    const isLast = reask >= (params.maxReasks ?? 2)
    if (isLast || !(parsed.code === 'output-invalid' || parsed.code === 'cut-off'))
      return afterAsks(parsed, reask + 1)
    failed = parsed
    // A raw prompt is no conversation that could go on; its next answer is another draw.
    if (isRaw) continue
    // Growing conversations differ, so that no answer to an earlier one is taken for the next.
    messages = [...messages, assistant(shownAnswer(parsed)), user(reaskPrompt(parsed))]
  }
}

/** Some providers refuse messages without text. */
function shownAnswer({ raw = '' }: Rejection): string {
  return raw.trim() === '' ? '(no text)' : raw
}

function afterAsks({ code, reason, raw }: Rejection, asks: number): Rejection {
  return reject(
    code,
    asks === 1 ? reason : `${reason.replace(/\.$/, '')} (asked ${asks} times).`,
    raw,
  )
}

async function parseAnswer(
  { task, params, context, row, identity, format }: TaskRow,
  messages: readonly ChatMessage[],
  answer: ChatAnswer,
): Promise<Row | Rejection> {
  const [choice] = answer.choices
  const text = choice?.text ?? null
  const isCutOff = choice?.finishReason === 'length'
  const keepsCutOff = format === undefined && task.onCutOff?.(params) === 'keep'
  if (isCutOff && (text === null || !keepsCutOff))
    return reject('cut-off', `The answer was cut off; raise 'maxNewTokens'.`, text ?? undefined)
  if (choice === undefined || text === null || choice.finishReason === 'refusal')
    return reject(
      choice?.finishReason === 'content-filter' ? 'content-filter' : 'refusal',
      `The model gave no answer.`,
      text ?? undefined,
    )
  if (choice.finishReason === 'content-filter')
    return reject('content-filter', `The provider's filter stopped the answer.`, text)
  let output: Row
  try {
    const read = format === undefined ? text : await context.readStructured(format, text, isCutOff)
    output = task.formatOutput(read, row, taskContext(task, params, context.seed, identity))
  } catch (error) {
    return reject('output-invalid', messageOf(error), text)
  }
  const schema = task.outputSchema?.(params) ?? task.outputs
  const checked = schema['~standard'].validate(output)
  if (checked instanceof Promise)
    throw new RetortError(
      'step-threw',
      `The output schema of '${task.type}' is asynchronous; use a synchronous one.`,
    )
  if (checked.issues !== undefined) {
    const [issue] = checked.issues
    const path = (issue?.path ?? [])
      .map((part) => String(typeof part === 'object' ? part.key : part))
      .join('.')
    return reject(
      'output-invalid',
      `${path === '' ? 'What was read from the answer' : `Column '${path}' of the answer`} does not hold: ${issue?.message ?? 'invalid'}.`,
      text,
    )
  }
  return {
    ...checked.value,
    ...(params.addRawInput === true
      ? { [`raw_input_${context.stepName}`]: messages.map(shownMessage) }
      : {}),
    ...(params.addRawOutput === true ? { [`raw_output_${context.stepName}`]: text } : {}),
    ...(params.addReasoning === true ? { reasoning: choice.reasoning ?? null } : {}),
    ...(params.addLogprobs === true ? { logprobs: choice.logprobs ?? null } : {}),
    model_name: answer.model,
  }
}

/** A message as a column holds it: of images their addresses alone. */
function shownMessage(message: ChatMessage): TextMessage {
  return { role: message.role, content: textWithImages(message) }
}

/** One row of lists, an item an answer, out of several; rejected where one of them does not hold. */
function groupSamples(samples: readonly (Row | Rejection)[]): Row | Rejection {
  const rows: Row[] = []
  for (const sample of samples) {
    if (isRejection(sample)) return sample
    rows.push(sample)
  }
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  return Object.fromEntries([...names].map((name) => [name, rows.map((row) => row[name] ?? null)]))
}

function exampleAnswer(of: TaskRow): string {
  const { task, params, context, row, identity, messages, format } = of
  if (format?.format === 'json') return JSON.stringify(exampleOf(format.schema, format.schema))
  if (task.example !== undefined)
    return task.example(row, taskContext(task, params, context.seed, identity))
  const last = messages.at(-1)
  return `Simulated answer to: ${last === undefined ? '' : textOf(last)}`
}

/** What a task's functions get for a row; random numbers start anew for each call. */
export function taskContext(
  task: TaskDefinition,
  params: Row,
  seed: number,
  identity: string,
): TaskContext {
  let random: (() => number) | undefined
  return { params, random: () => (random ??= createRandom(seed, task.type, identity))() }
}
