import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult } from './retort-command.ts'

let project: Project
let fake: FakeServer

afterEach(async () => {
  await fake.close()
  project.remove()
})

function prepare(rowCount: number, maxConcurrency: number) {
  project = createProject()
  const { rows, spec } = twoTasks(rowCount, `${fake.url}/v1`, maxConcurrency)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
}

test('a provider that fails at 30 % of the calls and resets 5 % costs no row', async () => {
  fake = await startFakeServer({ latencyMs: 2, errorShare: 0.3, resetShare: 0.05 })
  prepare(120, 40)
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'faulty'], {
    FAKE_KEY: 'key',
  })
  expect(result).toMatchObject({
    status: 'completed',
    calls: 240,
    dataset: { rows: 120, rejected: 0 },
  })
  const ids = (await readRows(project.folder, 'faulty')).map(
    (line) => (JSON.parse(line) as { id: number }).id,
  )
  expect(ids).toEqual(Array.from({ length: 120 }, (_, index) => index))
  expect(fake.stats()).toMatchObject({ answered: 240, duplicates: 0 })
})

test('a refused key stops all lanes at once, naming the step, and stdout holds the result alone', async () => {
  const maxConcurrency = 20
  fake = await startFakeServer({ apiKey: 'right' })
  prepare(12_000, maxConcurrency)
  const { code, stdout, stderr } = await retort(
    project.folder,
    ['run', 'pipeline.json', '--json'],
    {
      FAKE_KEY: 'wrong',
    },
  )
  expect(code).toBe(1)
  expect(stderr).toMatch(/^error: Step 'draft': OpenAILLM 'fake' got 401 .*FAKE_KEY\.$/m)
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'stopped',
    dataset: null,
    error: { code: 'authentication', step: 'draft' },
  })
  expect(fake.stats().requests).toBeLessThanOrEqual(maxConcurrency)
})

test('a key that is refused in the middle keeps what is done, and the right one completes it', async () => {
  fake = await startFakeServer({
    latencyMs: 2,
    respond: ({ index, authorization }) =>
      index > 150 && authorization !== 'Bearer renewed'
        ? { status: 401, body: { error: { message: 'Expired.', code: 'invalid_api_key' } } }
        : undefined,
  })
  prepare(200, 10)
  const args = ['pipeline.json', '--run-id', 'expired']
  const stopped = await runToResult(project.folder, args, { FAKE_KEY: 'old' })
  expect(stopped).toMatchObject({ status: 'stopped', error: { code: 'authentication' } })
  const done = await runToResult(project.folder, args, { FAKE_KEY: 'renewed' })
  expect(done).toMatchObject({ status: 'completed', calls: 400, dataset: { rows: 200 } })
  // The calls of batches that were going are asked again: at most the window of 80 rows and what fills its last batches.
  expect(fake.stats().duplicates).toBeLessThanOrEqual(160)
})
