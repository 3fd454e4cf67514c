import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder with files, as a user's project; removed by `remove`. */
export interface Project {
  readonly folder: string
  write(name: string, text: string): string
  remove(): void
}

/** Makes an empty one. */
export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'retort-e2e-'))
  return {
    folder,
    write(name, text) {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  }
}

/** A pipeline of two tasks in a row over so many prompts, as JSON. */
export function twoTasks(
  rows: number,
  baseURL: string,
  maxConcurrency: number,
): { rows: string; spec: string } {
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL, apiKeyEnv: 'FAKE_KEY' },
    limits: { maxConcurrency },
  }
  const spec = {
    version: 1,
    name: 'two-tasks',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      {
        name: 'draft',
        type: 'TextGeneration',
        after: ['load'],
        params: { llm, inputBatchSize: 20 },
      },
      {
        name: 'revise',
        type: 'TextGeneration',
        after: ['draft'],
        outputs: { generation: 'revision' },
        params: { llm, columns: ['generation'], template: 'Revise: {{ generation }}' },
      },
    ],
  }
  const lines = Array.from({ length: rows }, (_, index) =>
    JSON.stringify({ id: index, instruction: `Prompt ${index}: say why.` }),
  )
  return { rows: `${lines.join('\n')}\n`, spec: JSON.stringify(spec) }
}
