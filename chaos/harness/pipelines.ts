import type { FakeOptions } from '../../bench/fake-server/fake-options.ts'
import type { LLMPrices } from '../../src/core/llm-spec.ts'

/** A pipeline that a scenario runs: files of a project, of which one is the pipeline. */
export interface ChaosPipeline {
  readonly name: string
  readonly file: string
  /** Rows of its dataset. */
  readonly rows: number
  /** Answers that one undisturbed run takes. */
  readonly answers: number
  /** How the provider behaves that it needs. */
  readonly provider?: Partial<FakeOptions>
  files(baseURL: string): Readonly<Record<string, string>>
}

/** What of a task's model is not the same everywhere. */
export interface ModelOptions {
  readonly limits?: Readonly<Record<string, number>>
  /** Parameters beside its name, address and key. */
  readonly params?: Readonly<Record<string, unknown>>
  readonly prices?: LLMPrices
}

/** Large enough that only the journal keeps a kill cheap. */
const inputBatchSize = 250

/** Two tasks, one after the other, that take so many answers together. */
export function twoTaskPipeline(answers: number, maxConcurrency: number): ChaosPipeline {
  const rows = answers / 2
  return jsonPipeline('two-tasks', { rows, answers }, (baseURL) => {
    const llm = fakeModel(baseURL, { limits: { maxConcurrency } })
    return [
      {
        name: 'draft',
        type: 'TextGeneration',
        after: ['load'],
        params: { llm, inputBatchSize },
      },
      {
        name: 'revise',
        type: 'TextGeneration',
        after: ['draft'],
        outputs: { generation: 'revision' },
        params: {
          llm,
          inputBatchSize,
          columns: ['generation'],
          template: 'Revise: {{ generation }}',
        },
      },
    ]
  })
}

/** One task over so many prompts. */
export function oneTaskPipeline(rows: number, model: ModelOptions = {}): ChaosPipeline {
  return jsonPipeline('one-task', { rows, answers: rows }, (baseURL) => [
    {
      name: 'generate',
      type: 'TextGeneration',
      after: ['load'],
      params: { llm: fakeModel(baseURL, model) },
    },
  ])
}

/** A task of its own that wants JSON and rejects what is none. */
export function structuredPipeline(rows: number, params: string): ChaosPipeline {
  return {
    name: 'structured',
    file: 'pipeline.ts',
    rows,
    answers: rows,
    provider: { answerJson: true, answersFirstPrompt: true },
    files: (baseURL) => ({
      'prompts.jsonl': promptLines(rows),
      'pipeline.ts': `
import { Pipeline, defineTask, loadDataFromFileSystem, openai, user } from 'retort'
import { z } from 'zod'

const rate = defineTask({
  type: 'Rate',
  inputs: z.object({ instruction: z.string() }),
  outputs: z.object({ answer: z.string(), score: z.number() }),
  formatInput: (row) => [user(row.instruction)],
  formatOutput: (text) => JSON.parse(text),
})

const llm = openai({ model: 'fake', baseURL: '${baseURL}', apiKeyEnv: 'FAKE_KEY', ${params} })

export default Pipeline.from(
  'structured',
  loadDataFromFileSystem({
    dataFiles: 'prompts.jsonl',
    columns: z.object({ id: z.number(), instruction: z.string() }),
  }),
).step('rate', rate({ llm, maxReasks: 5 }))
`,
    }),
  }
}

/** A pipeline as JSON over prompts; the steps come after one that is called `load`. */
export function jsonPipeline(
  name: string,
  { rows, answers }: { readonly rows: number; readonly answers: number },
  steps: (baseURL: string) => readonly object[],
): ChaosPipeline {
  const load = {
    name: 'load',
    type: 'LoadDataFromFileSystem',
    params: { dataFiles: 'prompts.jsonl' },
  }
  return {
    name,
    file: 'pipeline.json',
    rows,
    answers,
    files: (baseURL) => ({
      'prompts.jsonl': promptLines(rows),
      'pipeline.json': JSON.stringify({ version: 1, name, steps: [load, ...steps(baseURL)] }),
    }),
  }
}

/** The fake provider's model. */
export function fakeModel(baseURL: string, { limits, params, prices }: ModelOptions = {}): object {
  return {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL, apiKeyEnv: 'FAKE_KEY', ...params },
    ...(limits === undefined ? {} : { limits }),
    ...(prices === undefined ? {} : { prices }),
  }
}

/** Prompts as JSON lines. */
export function promptLines(rows: number): string {
  const lines = Array.from({ length: rows }, (_, id) =>
    JSON.stringify({ id, instruction: `Prompt ${id}: say why.` }),
  )
  return `${lines.join('\n')}\n`
}
