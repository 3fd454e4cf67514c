import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { retort, runToResult } from './retort-command.ts'

let fake: FakeServer
let projects: Project[]

beforeAll(async () => {
  projects = []
  // The answer names who gave it; one row is refused by whoever gets it.
  fake = await startFakeServer({
    answer: (prompt) => `Answer to ${prompt}`,
    respond: ({ prompt }) =>
      prompt.endsWith(' 5')
        ? { status: 400, body: { error: { message: 'Not this one.', code: null } } }
        : undefined,
  })
})

afterAll(async () => {
  await fake.close()
  for (const project of projects) project.remove()
})

const models = ['red', 'green', 'blue', 'white', 'black']

/** Two of five models answer each row; one of two judges reads what they said. */
function spec(
  maxConcurrency: number,
  [first = 50, second = 50, third = 50]: readonly number[],
): string {
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
    limits: { maxConcurrency },
  }
  const ask = (name: string, after: string, size: number, others = {}): StepSpec => ({
    name,
    type: 'TextGeneration',
    after: [after],
    params: { llm, inputBatchSize: size, columns: ['id'], template: `${name} {{ id }}` },
    ...others,
  })
  const group = (
    name: string,
    after: string[],
    columns: string[],
    outputColumns: string[],
  ): StepSpec => ({
    name,
    type: 'GroupColumns',
    after,
    params: { columns, outputColumns, inputBatchSize: third },
  })
  const steps: StepSpec[] = [
    {
      name: 'load',
      type: 'LoadDataFromFileSystem',
      params: { dataFiles: 'prompts.jsonl' },
      route: { type: 'SampleSteps', params: { size: 2 } },
    },
    ...models.map((name, index) => ask(name, 'load', index % 2 === 0 ? first : second)),
    {
      ...group('answers', models, ['generation'], ['generations']),
      route: { type: 'SampleSteps', params: { size: 1 }, branches: { strict: 'a', mild: 'b' } },
    },
    ask('a', 'answers', second, { outputs: { generation: 'verdict' } }),
    ask('b', 'answers', first, { outputs: { generation: 'verdict' } }),
    group('verdicts', ['a', 'b'], ['verdict'], ['verdicts']),
  ]
  return JSON.stringify({ version: 1, name: 'routes', steps })
}

async function runWith(maxConcurrency: number, sizes: readonly number[], ids: readonly number[]) {
  const project = createProject()
  projects.push(project)
  project.write('prompts.jsonl', ids.map((id) => `${JSON.stringify({ id })}\n`).join(''))
  project.write('pipeline.json', spec(maxConcurrency, sizes))
  const again = async (rows: readonly number[], run: string) => {
    project.write('prompts.jsonl', rows.map((id) => `${JSON.stringify({ id })}\n`).join(''))
    return await runToResult(project.folder, ['pipeline.json', '--run-id', run], {
      FAKE_KEY: 'key',
    })
  }
  const result = await again(ids, 'run')
  const rowsOf = async (run: string) =>
    (await retort(project.folder, ['rows', run, '--limit', '999', '--json'])).stdout
  return { result, again, rowsOf, rows: await rowsOf('run') }
}

interface RoutedRow {
  readonly id: number
  readonly generations: readonly string[]
  readonly verdicts: readonly string[]
}

test('each row goes to the branches that are chosen for it, whatever the concurrency, the batch sizes and the other rows', async () => {
  const ids = Array.from({ length: 40 }, (_, id) => id)
  const one = await runWith(1, [50, 50, 50], ids)
  expect(one.result).toMatchObject({
    status: 'completed',
    // Both models that were asked about row 5 refused it.
    dataset: { rows: 39, rejected: 2 },
    calls: 2 * 39 + 39,
  })
  const rows = one.rows
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RoutedRow)
  expect(rows.map(({ id }) => id)).toEqual(ids.filter((id) => id !== 5))
  const asked = new Set<string>()
  for (const { id, generations, verdicts } of rows) {
    const names = generations.map((text) => /^Answer to (\w+) (\d+)$/.exec(text)?.slice(1))
    expect(names.map((named) => named?.[1])).toEqual([String(id), String(id)])
    const indexes = names.map((named) => models.indexOf(named?.[0] ?? ''))
    expect(indexes).toEqual(indexes.toSorted((a, b) => a - b))
    expect(new Set(indexes).size).toBe(2)
    expect(verdicts).toHaveLength(1)
    for (const text of [...generations, ...verdicts]) asked.add(text.replace(/ \d+$/, ''))
  }
  expect(asked.size).toBe(7)

  const other = await runWith(200, [7, 1, 3], ids)
  expect(other.rows).toBe(one.rows)
  expect(other.result.calls).toBe(one.result.calls)

  // One row more changes nobody else's branches.
  const more = await one.again([99, ...ids], 'more')
  expect(more).toMatchObject({ status: 'completed', calls: 3 })
  const [, ...rest] = (await one.rowsOf('more')).trim().split('\n')
  expect(rest.join('\n')).toBe(one.rows.trim())
})
