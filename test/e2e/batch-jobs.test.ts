import { afterEach, beforeEach, expect, test } from 'vitest'

import { spawnFakeBatches } from '../servers/openai/spawn-fake-batches.ts'
import type { FakeBatchesProcess } from '../servers/openai/spawn-fake-batches.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

const env = { FAKE_KEY: 'key' }
const rows = 120
let project: Project
let fake: FakeBatchesProcess

beforeEach(async () => {
  project = createProject()
  fake = await spawnFakeBatches({})
  const prompts = Array.from({ length: rows }, (_, index) =>
    JSON.stringify({ instruction: `Prompt ${index}: say why.` }),
  )
  project.write('prompts.jsonl', `${prompts.join('\n')}\n`)
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
    prices: { inputUsdPerMillion: 0, outputUsdPerMillion: 1_000_000 },
  }
  const spec = {
    version: 1,
    name: 'jobs',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      {
        name: 'draft',
        type: 'TextGeneration',
        after: ['load'],
        params: { llm, mode: 'batch', inputBatchSize: 20 },
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
  project.write('jobs.json', JSON.stringify(spec))
  project.write('one.json', JSON.stringify({ ...spec, steps: spec.steps.slice(0, 2) }))
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

test('a step in batch mode is answered by one job at half the price, and a step behind it online', async () => {
  const result = await runToResult(project.folder, ['jobs.json', '--run-id', 'one'], env)
  expect(result).toMatchObject({
    status: 'completed',
    dataset: { rows, rejected: 0 },
    calls: 2 * rows,
    reusedAnswers: 0,
  })
  const stats = await fake.stats()
  expect(stats).toMatchObject({ submissions: 1, duplicates: 0, online: rows })
  expect(Object.keys(stats.requestsById)).toHaveLength(rows)
  // A dollar a token out, half of it in a job.
  const { tokens, costUsd } = result
  expect(costUsd).toBeLessThan(tokens.output)
  expect(costUsd).toBeGreaterThan(tokens.output / 2)
})

test('after kill -9 while a job is under way, the run waits for the same job', async () => {
  await fake.set({ pollsUntilDone: 3 })
  const args = ['jobs.json', '--run-id', 'killed']
  const going = startRetort(project.folder, ['run', ...args], env)
  await waitUntil(async () => (await fake.stats()).polls > 0, 'a look at the job')
  going.child.kill('SIGKILL')
  await going.ended
  const result = await runToResult(project.folder, args, env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows }, calls: 2 * rows })
  expect(await fake.stats()).toMatchObject({ submissions: 1, duplicates: 0, online: rows })
})

test('a job whose id got lost on its way back is found again, and not handed in twice', async () => {
  await fake.set({ lostCreateReplies: 1 })
  const result = await runToResult(project.folder, ['jobs.json', '--run-id', 'lost'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows } })
  expect(await fake.stats()).toMatchObject({ submissions: 1, duplicates: 0, online: rows })
})

test('what a job leaves unanswered is asked online', async () => {
  await fake.set({ failEvery: 4 })
  const result = await runToResult(project.folder, ['jobs.json', '--run-id', 'some'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows, rejected: 0 } })
  expect(await fake.stats()).toMatchObject({ submissions: 1, online: rows + rows / 4 })
})

test('a second run asks nothing again, and hands no job in', async () => {
  await runToResult(project.folder, ['jobs.json', '--run-id', 'first'], env)
  const again = await runToResult(project.folder, ['jobs.json', '--run-id', 'second'], env)
  expect(again).toMatchObject({ status: 'completed', calls: 0, reusedAnswers: 2 * rows })
  expect(await fake.stats()).toMatchObject({ submissions: 1, online: rows })
  expect(await readRows(project.folder, 'second')).toEqual(await readRows(project.folder, 'first'))
})

test('cancelling a run ends the job that nobody else waits for, and what it answered is used later', async () => {
  await fake.set({ pollsUntilDone: 1_000 })
  const args = ['jobs.json', '--run-id', 'cancelled']
  const going = startRetort(project.folder, ['run', ...args], env)
  await waitUntil(async () => (await fake.stats()).polls > 0, 'a look at the job')
  await retort(project.folder, ['cancel', 'cancelled'], env)
  expect(await going.ended).toMatchObject({ code: 1 })
  expect(await fake.stats()).toMatchObject({ cancels: 1 })
  const result = await runToResult(project.folder, args, env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows } })
  expect(await fake.stats()).toMatchObject({ submissions: 1 })
})

test('a preview waits for no job', async () => {
  const { code } = await retort(project.folder, ['preview', 'jobs.json', '--rows', '2'], env)
  expect(code).toBe(0)
  expect(await fake.stats()).toMatchObject({ submissions: 0, online: 4 })
})

test('a model without batch jobs is refused before any call', async () => {
  const llm = { type: 'SimulatedLLM', params: {} }
  const { code, stderr } = await retort(project.folder, [
    'run',
    'jobs.json',
    '--set',
    `draft.llm=${JSON.stringify(llm)}`,
  ])
  expect(code).toBe(2)
  expect(stderr).toContain("Step 'draft' is to ask in batch jobs, but SimulatedLLM has none")
})

test('a run that asks online what a job is asked already waits for the job', async () => {
  await fake.set({ pollsUntilDone: 1_000 })
  const first = startRetort(project.folder, ['run', 'one.json', '--run-id', 'first'], env)
  await waitUntil(async () => (await fake.stats()).polls > 0, 'a look at the job')
  const second = startRetort(
    project.folder,
    ['run', 'one.json', '--run-id', 'second', '--concurrent', '--set', 'draft.mode=online'],
    env,
  )
  const { polls } = await fake.stats()
  await waitUntil(async () => (await fake.stats()).polls > polls + 3, 'a look of both')
  await fake.set({ pollsUntilDone: 1 })
  expect(await first.ended).toMatchObject({ code: 0 })
  expect(await second.ended).toMatchObject({ code: 0 })
  expect(await fake.stats()).toMatchObject({ submissions: 1, duplicates: 0, online: 0 })
})
