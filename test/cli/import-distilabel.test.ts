import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'

const dumps = fileURLToPath(new URL('../import/distilabel/dumps/', import.meta.url))
const bodies: unknown[] = []
let fake: FakeServer
let project: Project

beforeAll(async () => {
  fake = await startFakeServer({
    respond: ({ body }) => {
      bodies.push(body)
      return undefined
    },
    answer: (prompt, { model }) => {
      const texts = prompt.match(/^<text \d+>$/gm) ?? []
      return texts.length === 0
        ? `${model} says so.`
        : texts
            .map((_, index) => `### Text ${index + 1}\nRating: ${5 - index}\nRationale: So.`)
            .join('\n')
    },
  })
  project = createProject()
  for (const name of ['linear.yaml', 'branching.yaml'])
    cpSync(join(dumps, name), join(project.folder, name))
  const rows = ['Why is the sea salty?', 'Why is the sky blue?'].map((instruction, id) =>
    JSON.stringify({ id, instruction }),
  )
  project.write('rows.jsonl', `${rows.join('\n')}\n`)
})

afterAll(async () => {
  await fake.close()
  project.remove()
})

test('a pipeline that distilabel saved runs with rows from a file', async () => {
  const result = await runToResult(
    project.folder,
    [
      'linear.yaml',
      '--run-id',
      'imported',
      '--set',
      'load.data=@rows.jsonl',
      '--set',
      `answer.llm.params.baseURL=${fake.url}/v1`,
    ],
    { OPENAI_API_KEY: 'a-key-of-the-environment' },
  )
  expect(result).toMatchObject({
    status: 'completed',
    calls: 2,
    dataset: { name: 'linear', rows: 2, rejected: 0, leaves: { keep: 2 } },
  })
  const rows = (await readRows(project.folder, 'imported')).map(
    (line) => JSON.parse(line) as object,
  )
  expect(rows.map((row) => Object.keys(row))).toEqual([
    ['instruction', 'generation', 'model_name'],
    ['instruction', 'generation', 'model_name'],
  ])
  expect(bodies[0]).toMatchObject({
    model: 'gpt-4o-mini',
    temperature: 0.7,
    max_tokens: 512,
    messages: [{ role: 'system', content: 'Answer in one sentence.' }, { role: 'user' }],
  })
})

test('one that routes to branches and judges what they answered runs as well', async () => {
  const url = `${fake.url}/v1`
  const settings = ['answer_0', 'answer_1', 'answer_2', 'judge'].flatMap((step) => [
    '--set',
    `${step}.llm.params.baseURL=${url}`,
  ])
  const result = await runToResult(
    project.folder,
    ['branching.yaml', '--run-id', 'judged', '--set', 'load.data=@rows.jsonl', ...settings],
    { OPENAI_API_KEY: 'a-key-of-the-environment' },
  )
  expect(result).toMatchObject({ status: 'completed', calls: 2 * 2 + 2, dataset: { rows: 2 } })
  for (const line of await readRows(project.folder, 'judged')) {
    const row = JSON.parse(line) as { generations: string[]; generation_models: string[] }
    expect(row).toMatchObject({ ratings: [5, 4], rationales: ['So.', 'So.'] })
    expect(row.generations).toEqual(row.generation_models.map((model) => `${model} says so.`))
    expect(new Set(row.generation_models).size).toBe(2)
  }
})

test('without its rows nothing starts, and the error says how to give them', async () => {
  const ended = await retort(project.folder, ['run', 'linear.yaml'], { OPENAI_API_KEY: 'a-key' })
  expect(ended.code).toBe(2)
  expect(ended.stderr).toContain('give them with --set load.data=@rows.jsonl.')
})

test('the prompt of an imported task is printed without rows', async () => {
  const row = ['--row', '{"instruction":"Why?"}']
  const ended = await retort(project.folder, ['task', 'print', 'linear.yaml', ...row])
  expect(ended.code).toBe(0)
  expect(ended.stdout).toContain('Answer in one sentence.')
})
