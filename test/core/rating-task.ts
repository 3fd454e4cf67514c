import { z } from 'zod'

import { system, user } from '../../src/core/chat.ts'
import type { ChatAnswer, FinishReason } from '../../src/core/chat.ts'
import type { Row } from '../../src/core/columns.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { RetortError } from '../../src/core/errors.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { noModel, runStep } from '../../src/core/run-step.ts'
import type { Question } from '../../src/core/step.ts'
import { loadStructured } from '../../src/models/structured/load-structured.ts'
import { simulatedSpec } from './little-registry.ts'

/** An answer of a model. */
export const answered = (text: string | null, finishReason: FinishReason = 'stop'): ChatAnswer => ({
  choices: [{ text, finishReason }],
  usage: { inputTokens: 1, outputTokens: 1 },
  model: 'model-1',
})

/** A task that reads a number. */
export const rate = defineTask({
  type: 'Rate',
  params: z.object({ keepsCutOff: z.boolean().default(false) }),
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ rating: z.number(), note: z.string().optional() }),
  onCutOff: ({ keepsCutOff }) => (keepsCutOff ? 'keep' : 'reject'),
  formatInput({ prompt }, { random }) {
    if (prompt === 'throw') throw new Error('no such prompt')
    return [system('Rate it.'), user(`${prompt} ${random()}`)]
  },
  formatOutput(text) {
    if (text.startsWith('{')) return JSON.parse(text) as { rating: number }
    if (Number.isNaN(Number(text))) throw new Error(`'${text}' is no rating`)
    return { rating: Number(text) }
  },
})

/** What a model says to a question. */
export type Reply = (question: Question) => ChatAnswer | RetortError

/** Runs the task over prompts, and keeps what it asked. */
export async function run(
  reply: Reply,
  params: Row = {},
  prompts: readonly string[] = ['a', 'b', 'c'],
) {
  const { definition } = rate
  const step = { name: 'rate', type: 'Rate', params: { llm: simulatedSpec, ...params } as never }
  const questions: Question[] = []
  const result = await runStep({
    definition,
    params: resolveParams(definition, step).params,
    step: { name: 'rate', batchSize: 50 },
    rows: prompts.map((prompt, index) => ({
      origin: `${index}`,
      identity: `id-${prompt}`,
      row: { prompt },
    })),
    seed: 0,
    signal: new AbortController().signal,
    model: {
      ...noModel('rate'),
      async ask(question) {
        questions.push(question)
        const answer = reply(question)
        if (answer instanceof RetortError) throw answer
        return answer
      },
      checkFormat: async (...given) => (await loadStructured()).check(...given),
      readStructured: async (...answer) => (await loadStructured()).read(...answer),
    },
  })
  return { ...result, questions, columns: result.rows.map(({ row }) => row) }
}
