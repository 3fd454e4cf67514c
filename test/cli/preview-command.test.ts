import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { PreviewedRow } from '../../src/cli/previewed-rows.ts'
import { createProject } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'

const env = { FAKE_KEY: 'a-key' }
let fake: FakeServer
let project: Project

beforeAll(async () => {
  fake = await startFakeServer({
    answer: (prompt) => `Answer to ${prompt}`,
    respond: ({ prompt }) =>
      prompt === 'Question 1'
        ? { status: 400, body: { error: { message: 'Not this one.', code: null } } }
        : undefined,
  })
  project = createProject()
  const lines = Array.from({ length: 6 }, (_, id) =>
    JSON.stringify({ id, instruction: `Question ${id}` }),
  )
  project.write('prompts.jsonl', `${lines.join('\n')}\n`)
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
  }
  const spec = {
    version: 1,
    name: 'questions',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      { name: 'ask', type: 'TextGeneration', after: ['load'], params: { llm, numGenerations: 2 } },
      { name: 'keep', type: 'KeepColumns', after: ['ask'], params: { columns: ['generation'] } },
    ],
  }
  project.write('pipeline.json', JSON.stringify(spec))
})

afterAll(async () => {
  await fake.close()
  project.remove()
})

test('a preview shows what each step got and made, and the run does not pay its answers again', async () => {
  const args = ['preview', 'pipeline.json', '--rows', '2']
  const { code, stdout, stderr } = await retort(project.folder, [...args, '--json'], env)
  expect(code).toBe(0)
  expect(stderr).toContain('1 call, 0 answers reused')
  const shown = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PreviewedRow)
  expect(shown.map(({ step, origin }) => `${step} ${origin}`)).toEqual([
    'load 0',
    'ask 0.0',
    'ask 0.1',
    'keep 0.0',
    'keep 0.1',
    'load 1',
    'ask 1.0',
    'ask 1.1',
  ])
  expect(shown[1]).toEqual({
    row: 0,
    step: 'ask',
    type: 'TextGeneration',
    origin: '0.0',
    input: { id: 0, instruction: 'Question 0' },
    prompt: [{ role: 'user', content: 'Question 0' }],
    answer: 'Answer to Question 0',
    output: { generation: 'Answer to Question 0', model_name: 'fake' },
  })
  expect(shown[6]).toMatchObject({
    input: { id: 1 },
    rejected: { code: 'request-invalid', reason: expect.stringContaining('Not this one.') },
  })

  const text = await retort(project.folder, args, env)
  expect(text.stdout).toContain('── row 0.0 · ask (TextGeneration) ──')
  expect(text.stdout).toContain('(rejected)')
  expect(text.stderr).toContain('0 calls, 2 answers reused')

  const latest = await retort(project.folder, ['rows'])
  expect(latest.code).toBe(2)
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'whole'], env)
  expect(result).toMatchObject({ status: 'completed', calls: 4, reusedAnswers: 2 })
  expect(await readRows(project.folder, 'whole')).toHaveLength(10)
})

test('a preview of no rows is refused, and so is a parameter that is none', async () => {
  const none = await retort(project.folder, ['preview', 'pipeline.json', '--rows', '0'], env)
  expect(none.code).toBe(2)
  const wrong = ['preview', 'pipeline.json', '--set', 'ask.numGeneration=3']
  const { code, stderr } = await retort(project.folder, wrong, env)
  expect(code).toBe(2)
  expect(stderr).toContain("Did you mean 'numGenerations'?")
})
