import { promptLines } from './pipelines.ts'
import type { ChaosPipeline } from './pipelines.ts'

/** What of a pipeline changes between two runs. */
export interface Edition {
  readonly rows: number
  /** A further row, and where it stands among the others. */
  readonly newRow?: { readonly at: number; readonly text: string }
  readonly inputBatchSize?: number
  readonly stepName?: string
  /** Whether a second task reads what the first one wrote. */
  readonly hasAddedStep?: boolean
  /** Expression that makes the answer's text the column. */
  readonly parser?: string
  /** Expression that makes the prompt of a row. */
  readonly prompt?: string
  readonly model?: string
  readonly provider?: string
}

/** A pipeline in TypeScript with a task of its own, in one of its editions. */
export function changingPipeline(edition: Edition): ChaosPipeline {
  const lines = promptLines(edition.rows).trimEnd().split('\n')
  const { newRow } = edition
  if (newRow !== undefined)
    lines.splice(newRow.at, 0, JSON.stringify({ id: edition.rows, instruction: newRow.text }))
  const tasks = edition.hasAddedStep === true ? 2 : 1
  return {
    name: 'changing',
    file: 'pipeline.ts',
    rows: lines.length,
    answers: lines.length * tasks,
    files: (baseURL) => ({
      'prompts.jsonl': `${lines.join('\n')}\n`,
      'pipeline.ts': moduleText({ ...edition, baseURL }),
    }),
  }
}

function moduleText({
  inputBatchSize = 50,
  stepName = 'note',
  hasAddedStep = false,
  parser = 'text',
  prompt = 'row.instruction',
  model = 'fake',
  baseURL,
  provider,
}: Edition & { readonly baseURL: string }): string {
  const added = `
  .step('title', title({ llm }))`
  return `
import { Pipeline, defineTask, loadDataFromFileSystem, openai, user } from 'retort'
import { z } from 'zod'

const note = defineTask({
  type: 'Note',
  inputs: z.object({ id: z.number(), instruction: z.string() }),
  outputs: z.object({ note: z.string() }),
  formatInput: (row) => [user(${prompt})],
  formatOutput: (text) => ({ note: ${parser} }),
})

const title = defineTask({
  type: 'Title',
  inputs: z.object({ note: z.string() }),
  outputs: z.object({ title: z.string() }),
  formatInput: (row) => [user('A title for: ' + row.note)],
  formatOutput: (text) => ({ title: text }),
})

const llm = openai({
  model: '${model}',
  baseURL: '${baseURL}',
  apiKeyEnv: 'FAKE_KEY',
  ${provider === undefined ? '' : `provider: '${provider}',`}
  limits: { maxConcurrency: 100 },
})

export default Pipeline.from(
  'changing',
  loadDataFromFileSystem({
    dataFiles: 'prompts.jsonl',
    columns: z.object({ id: z.number(), instruction: z.string() }),
  }),
)
  .step('${stepName}', note({ llm, inputBatchSize: ${inputBatchSize} }))${hasAddedStep ? added : ''}
`
}
