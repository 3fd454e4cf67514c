import { noModel } from '../../src/core/run-step.ts'
import type { Row } from '../../src/core/columns.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { isRejection } from '../../src/core/rejection.ts'
import type { Rejection } from '../../src/core/rejection.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import type { StepDefinition } from '../../src/core/step.ts'

/** What a task makes of one answer of a model to one row: the columns that it adds, or a rejection. */
export async function taskAnswer(
  definition: StepDefinition,
  given: JsonObject,
  row: Row,
  text: string,
): Promise<Row | Rejection> {
  const llm = { type: 'SimulatedLLM', params: {} }
  const { params } = resolveParams(definition, {
    name: 'task',
    type: definition.type,
    params: { llm, maxReasks: 0, ...given },
  })
  const outputs = definition.process([row], params, {
    stepName: 'task',
    seed: 0,
    identities: ['0'],
    signal: new AbortController().signal,
    ...noModel('task'),
    ask: async () => ({
      choices: [{ text, finishReason: 'stop' }],
      usage: { inputTokens: 1, outputTokens: 1 },
      model: 'canned',
    }),
  })
  for await (const output of outputs)
    // One sample is asked for, so that one row comes back.
    return output as Row | Rejection
  throw new Error('The task made nothing.')
}

/** The sentence with which a task rejects an answer. */
export async function taskRefusal(
  definition: StepDefinition,
  given: JsonObject,
  row: Row,
  text: string,
): Promise<string> {
  const answer = await taskAnswer(definition, given, row, text)
  if (!isRejection(answer)) throw new Error(`It took the answer as ${JSON.stringify(answer)}.`)
  if (answer.code !== 'output-invalid') throw new Error(`Its code is '${answer.code}'.`)
  return answer.reason
}
