import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { readRows, runToResult, startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

let project: Project
let fake: FakeServer

afterEach(async () => {
  await fake.close()
  project.remove()
})

// Shorter than the heartbeat timeout of 60 s: who waited for one would not be done in time.
const noTimeoutWaitedFor = 55_000

test(
  'after kill -9 the same command completes the dataset and asks nothing of a finished batch again',
  { timeout: noTimeoutWaitedFor },
  async () => {
    const rowCount = 600
    const inFlight = 20
    fake = await startFakeServer({ latencyMs: 30 })
    project = createProject()
    const { rows, spec } = twoTasks(rowCount, `${fake.url}/v1`, inFlight)
    project.write('prompts.jsonl', rows)
    project.write('pipeline.json', spec)
    const env = { FAKE_KEY: 'key' }
    const going = startRetort(project.folder, ['run', 'pipeline.json', '--run-id', 'killed'], env)
    await waitUntil(() => fake.stats().answered > rowCount * 0.8, 'most answers')
    going.child.kill('SIGKILL')
    await going.ended
    const before = fake.stats().answered

    const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'killed'], env)
    expect(result).toMatchObject({ status: 'completed', dataset: { rows: rowCount, rejected: 0 } })
    const { answered, duplicates } = fake.stats()
    expect(answered).toBeGreaterThan(before)
    // Only what the batches that were going had been answered: at most the window of 160 rows a step.
    expect(duplicates).toBeLessThanOrEqual(2 * 8 * inFlight)
    expect(answered - duplicates).toBe(2 * rowCount)
    const ids = (await readRows(project.folder, 'killed')).map(
      (line) => (JSON.parse(line) as { id: number }).id,
    )
    expect(ids).toEqual(Array.from({ length: rowCount }, (_, index) => index))
  },
)

test('Ctrl-C leaves a run that the same command resumes, and the completed run gives its result again without a call', async () => {
  fake = await startFakeServer({ latencyMs: 30 })
  project = createProject()
  const { rows, spec } = twoTasks(300, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
  const env = { FAKE_KEY: 'key' }
  const going = startRetort(
    project.folder,
    ['run', 'pipeline.json', '--run-id', 'stopped', '--json'],
    env,
  )
  await waitUntil(() => fake.stats().answered > 100, 'some answers')
  going.child.kill('SIGINT')
  const ended = await going.ended
  expect(ended.code).toBe(130)
  expect(JSON.parse(ended.stdout)).toMatchObject({
    runId: 'stopped',
    status: 'interrupted',
    dataset: null,
  })
  expect(ended.stderr).toContain('--run-id stopped')

  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'stopped'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 300 } })
  const { answered } = fake.stats()
  const again = await runToResult(project.folder, ['pipeline.json', '--run-id', 'stopped'], env)
  expect(again).toMatchObject({ status: 'completed', dataset: result.dataset, calls: result.calls })
  expect(fake.stats().answered).toBe(answered)
})

test('a second run of the same pipeline over the same rows uses what the first one stored', async () => {
  fake = await startFakeServer({})
  project = createProject()
  const { rows, spec } = twoTasks(120, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
  const env = { FAKE_KEY: 'key' }
  const first = await runToResult(project.folder, ['pipeline.json', '--run-id', 'one'], env)
  const second = await runToResult(project.folder, ['pipeline.json', '--run-id', 'two'], env)
  expect(first).toMatchObject({ calls: 240, reusedAnswers: 0 })
  expect(second).toMatchObject({ calls: 0, reusedAnswers: 240, status: 'completed' })
  expect(await readRows(project.folder, 'two')).toEqual(await readRows(project.folder, 'one'))
})
