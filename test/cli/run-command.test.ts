import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Project } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'
import { createCliProject, modulePipeline, simulatedPipeline } from './cli-project.ts'

let project: Project

beforeAll(() => {
  project = createCliProject()
})
afterAll(() => project.remove())

test('a run prints its result as JSON and the rest on stderr, and the same id gives the same again', async () => {
  project.write('answers.json', simulatedPipeline('answers', 2))
  const run = ['run', 'answers.json', '--run-id', 'first', '--json']
  const first = await retort(project.folder, run)
  expect(first.code).toBe(0)
  expect(first.stderr).toContain('/namespaces/default/workflows/first')
  expect(first.stderr).toContain('simulated')
  expect(first.stderr).toContain('rows first')
  const result: unknown = JSON.parse(first.stdout)
  expect(result).toEqual({
    runId: 'first',
    status: 'completed',
    dataset: {
      name: 'answers',
      version: 'first',
      uri: `file:${project.folder}/.retort/store/datasets/answers/first`,
      rows: 2,
      rejected: 0,
      leaves: { generate: 2 },
    },
    calls: 2,
    reusedAnswers: 0,
    sharedAnswers: 0,
    tokens: { input: expect.any(Number), output: expect.any(Number) },
    costUsd: 0,
    seconds: expect.any(Number),
    error: null,
  })
  const again = await retort(project.folder, run)
  expect(JSON.parse(again.stdout)).toEqual(result)

  project.write('answers.json', simulatedPipeline('answers', 3))
  const changed = await retort(project.folder, run)
  expect(changed.code).toBe(2)
  expect(JSON.parse(changed.stdout)).toMatchObject({
    runId: 'first',
    status: 'failed',
    error: { code: 'run-changed' },
  })
})

test('--quiet leaves stderr empty, --max-rows takes the first rows and --output writes them', async () => {
  project.write('some.json', simulatedPipeline('some', 9))
  const args = ['run', 'some.json', '--quiet', '--max-rows', '2', '--output', 'out/some.jsonl']
  expect(await retort(project.folder, args)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const lines = readFileSync(join(project.folder, 'out/some.jsonl'), 'utf8').trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ id: 0 }, { id: 1 }])
})

test('--set changes a parameter, and a .env beside the file sets what the environment does not', async () => {
  project.write('.env', 'RETORT_STORE=file:elsewhere\n')
  project.write('set.json', simulatedPipeline('set', 1))
  const set = ['--set', 'generate.numGenerations=2', '--set', 'generate.groupGenerations=true']
  // The tests' environment has an empty RETORT_STORE; here there is none.
  const env = { RETORT_STORE: undefined }
  const result = await runToResult(project.folder, ['set.json', '--run-id', 'set', ...set], env)
  project.write('.env', '')
  expect(result.dataset?.uri).toBe(`file:${project.folder}/elsewhere/datasets/set/set`)
  const [row = ''] = await readRows(project.folder, 'set', { RETORT_STORE: 'file:elsewhere' })
  expect(JSON.parse(row)).toMatchObject({ generation: [expect.any(String), expect.any(String)] })
})

test('a module with a task of its own runs, and its prompt can be printed', async () => {
  project.write('shouts.ts', modulePipeline)
  const result = await runToResult(project.folder, ['shouts.ts', '--run-id', 'shouts'])
  expect(result).toMatchObject({ status: 'completed', dataset: { name: 'shouts', rows: 2 } })
  expect(
    (await readRows(project.folder, 'shouts')).map((row) => JSON.parse(row) as unknown),
  ).toEqual([
    { word: 'hello', loud: 'HELLO', model_name: 'simulated' },
    { word: 'bye', loud: 'BYE', model_name: 'simulated' },
  ])
  const printed = await retort(project.folder, [
    'task',
    'print',
    'shouts.ts',
    '--row',
    '{"word":"hey"}',
  ])
  expect(printed.stdout).toBe('[user]\nShout hey\n')
})

test('a dataset with several leaves is written to one file each', async () => {
  const keep = (name: string, columns: readonly string[]) => ({
    name,
    type: 'KeepColumns',
    after: ['load'],
    params: { columns },
  })
  const data = [{ a: 1, b: 'x' }]
  const steps = [
    { name: 'load', type: 'LoadDataFromDicts', params: { data } },
    keep('left', ['a']),
    keep('right', ['b']),
  ]
  project.write('leaves.json', JSON.stringify({ version: 1, name: 'leaves', steps }))
  const args = ['leaves.json', '--run-id', 'leaves', '--output', 'leaves.csv']
  const result = await runToResult(project.folder, args)
  expect(result.dataset?.leaves).toEqual({ left: 1, right: 1 })
  expect(readFileSync(join(project.folder, 'leaves-left.csv'), 'utf8')).toBe('a\r\n1\r\n')
  expect(readFileSync(join(project.folder, 'leaves-right.csv'), 'utf8')).toBe('b\r\nx\r\n')
  expect(existsSync(join(project.folder, 'leaves.csv'))).toBe(false)
  const rows = await retort(project.folder, ['rows', 'leaves', '--leaf', 'right', '--json'])
  expect(rows.stdout).toBe('{"b":"x"}\n')
  const unsaid = await retort(project.folder, ['rows', 'leaves', '--json'])
  expect(unsaid).toMatchObject({ code: 2, stdout: '' })
  expect(unsaid.stderr).toContain("name one of 'left', 'right'")
})
