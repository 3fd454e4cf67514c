import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { retort, runToResult } from './retort-command.ts'

let fake: FakeServer
let projects: Project[]

beforeAll(async () => {
  projects = []
  fake = await startFakeServer({
    respond: ({ prompt }) =>
      /^(?:short 3|long 7)\b/.test(prompt)
        ? { status: 400, body: { error: { message: 'Not this one.', code: null } } }
        : undefined,
  })
})

afterAll(async () => {
  await fake.close()
  for (const project of projects) project.remove()
})

/** Three drafts a row, two branches that each reject some, a join, and three leaves. */
function spec(maxConcurrency: number, sizes: readonly number[]): string {
  const [first, second, third, fourth] = sizes
  const task = (after: string, inputBatchSize: number | undefined, params: object) => ({
    type: 'TextGeneration',
    after: [after],
    params: {
      inputBatchSize,
      llm: {
        type: 'OpenAILLM',
        params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
        limits: { maxConcurrency },
      },
      ...params,
    },
  })
  const asking = (template: string) => ({ columns: ['id', 'draft'], template })
  return JSON.stringify({
    version: 1,
    name: 'branches',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      {
        name: 'drafts',
        outputs: { generation: 'draft', model_name: 'draft_model' },
        ...task('load', first, { numGenerations: 3 }),
      },
      { name: 'short', ...task('drafts', second, asking('short {{ id }}: {{ draft }}')) },
      { name: 'long', ...task('drafts', third, asking('long {{ id }}: {{ draft }}')) },
      {
        name: 'pairs',
        type: 'GroupColumns',
        after: ['short', 'long'],
        params: {
          columns: ['generation', 'model_name'],
          outputColumns: ['pair', 'models'],
          inputBatchSize: fourth,
        },
      },
      {
        name: 'again',
        ...task('pairs', first, { columns: ['id'], template: '{{ id }}', numGenerations: 2 }),
      },
      { name: 'kept', type: 'KeepColumns', after: ['pairs'], params: { columns: ['id', 'pair'] } },
      { name: 'early', type: 'KeepColumns', after: ['drafts'], params: { columns: ['draft'] } },
    ],
  })
}

async function runWith(maxConcurrency: number, sizes: readonly number[]) {
  const project = createProject()
  projects.push(project)
  const lines = Array.from({ length: 23 }, (_, id) =>
    JSON.stringify({ id, instruction: `Prompt ${id}` }),
  )
  project.write('prompts.jsonl', `${lines.join('\n')}\n`)
  project.write('pipeline.json', spec(maxConcurrency, sizes))
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'dag'], {
    FAKE_KEY: 'key',
  })
  const parts = [['--leaf', 'again'], ['--leaf', 'kept'], ['--leaf', 'early'], ['--rejected']]
  const printed = []
  for (const part of parts)
    printed.push(
      (await retort(project.folder, ['rows', 'dag', ...part, '--limit', '999', '--json'])).stdout,
    )
  return { result, printed }
}

test('branches, joins, expanders and leaves make the same rows whatever the concurrency and the batch sizes', async () => {
  const one = await runWith(1, [50, 50, 50, 50])
  expect(one.result).toMatchObject({
    status: 'completed',
    // A row that a branch rejects is missing behind the join alone.
    dataset: { rejected: 6, leaves: { again: 126, kept: 63, early: 69 } },
    // The drafts of a prompt come with one call, as the answers to a joined row do, and equal requests share theirs.
    calls: 23 + 2 * 66 + 21,
  })
  const other = await runWith(200, [7, 1, 3, 2])
  expect(other.result.calls).toBe(one.result.calls)
  expect(other.printed).toEqual(one.printed)
})
