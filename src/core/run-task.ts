import type { ChatAnswer, ChatMessage } from './chat.ts'
import type { Row } from './columns.ts'
import { messageOf, RetortError, isRetortError } from './errors.ts'
import { createRandom } from './random.ts'
import { isRejection, reject } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { StepContext, StepOutput } from './step.ts'
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
  context: StepContext,
): AsyncIterable<StepOutput<Row>> {
  // All prompts before the first call: one that cannot be made stops the run, and should cost nothing.
  const prompts = rows.map((row, index) =>
    task.formatInput(row, taskContext(task, params, context.seed, context.identities[index] ?? '')),
  )
  const outcomes = await Promise.allSettled(
    rows.map((row, index) => runTaskRow(task, row, index, prompts[index] ?? [], params, context)),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') yield outcome.value
}

async function runTaskRow(
  task: TaskDefinition,
  row: Row,
  rowIndex: number,
  messages: readonly ChatMessage[],
  params: FilledTaskParams,
  context: StepContext,
): Promise<StepOutput<Row>> {
  const identity = context.identities[rowIndex] ?? ''
  const ask = async (sampleIndex: number) => {
    const example = () => exampleAnswer(task, row, params, context.seed, identity, messages)
    try {
      const answer = await context.ask({ messages, rowIndex, sampleIndex, example })
      return parseAnswer(task, row, params, context, identity, messages, answer)
    } catch (error) {
      if (isRetortError(error) && error.verdict === 'reject')
        return reject(error.code, error.message)
      throw error
    }
  }
  const samples = await Promise.all(
    Array.from({ length: params.numGenerations ?? 1 }, (_, index) => ask(index)),
  )
  const [first] = samples
  if (params.groupGenerations === true) return groupSamples(samples)
  return samples.length === 1 && first !== undefined ? first : samples
}

function parseAnswer(
  task: TaskDefinition,
  row: Row,
  params: FilledTaskParams,
  context: StepContext,
  identity: string,
  messages: readonly ChatMessage[],
  answer: ChatAnswer,
): Row | Rejection {
  const [choice] = answer.choices
  const text = choice?.text ?? null
  if (choice === undefined || text === null || choice.finishReason === 'refusal')
    return reject(
      choice?.finishReason === 'content-filter' ? 'content-filter' : 'refusal',
      `The model gave no answer.`,
      text ?? undefined,
    )
  if (choice.finishReason === 'content-filter')
    return reject('content-filter', `The provider's filter stopped the answer.`, text)
  if (choice.finishReason === 'length' && task.onCutOff?.(params) !== 'keep')
    return reject('cut-off', `The answer was cut off; raise 'maxNewTokens'.`, text)
  let output: Row
  try {
    output = task.formatOutput(text, row, taskContext(task, params, context.seed, identity))
  } catch (error) {
    return reject('output-invalid', messageOf(error), text)
  }
  const checked = task.outputs['~standard'].validate(output)
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
    ...(params.addRawInput === true ? { [`raw_input_${context.stepName}`]: messages } : {}),
    ...(params.addRawOutput === true ? { [`raw_output_${context.stepName}`]: text } : {}),
    model_name: answer.model,
  }
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

function exampleAnswer(
  task: TaskDefinition,
  row: Row,
  params: Row,
  seed: number,
  identity: string,
  messages: readonly ChatMessage[],
): string {
  if (task.example !== undefined)
    return task.example(row, taskContext(task, params, seed, identity))
  return `Simulated answer to: ${messages.at(-1)?.content ?? ''}`
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
