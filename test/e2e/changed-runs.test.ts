import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject, twoTasks } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

const rowCount = 120
const env = { FAKE_KEY: 'key' }
let project: Project
let fake: FakeServer

beforeEach(async () => {
  fake = await startFakeServer({})
  project = createProject()
  const { rows, spec } = twoTasks(rowCount, `${fake.url}/v1`, 10)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
})
afterEach(async () => {
  await fake.close()
  project.remove()
})

const run = (...args: readonly string[]) =>
  runToResult(project.folder, ['pipeline.json', ...args], env)
const revise = ['--set', 'revise.template=Improve: {{ generation }}']

test('--fresh asks everything anew, once, and later runs use the new answers', async () => {
  let round = 'first'
  fake.set({ answer: (prompt) => `${round}: ${prompt}` })
  await run('--run-id', 'one')
  round = 'second'
  expect(await run('--run-id', 'two')).toMatchObject({ calls: 0, reusedAnswers: 2 * rowCount })
  expect(await run('--run-id', 'three', '--fresh')).toMatchObject({
    calls: 2 * rowCount,
    reusedAnswers: 0,
  })
  round = 'third'
  expect(await run('--run-id', 'four')).toMatchObject({ calls: 0, reusedAnswers: 2 * rowCount })
  expect(await readRows(project.folder, 'two')).toEqual(await readRows(project.folder, 'one'))
  expect(await readRows(project.folder, 'four')).toEqual(await readRows(project.folder, 'three'))
  expect((await readRows(project.folder, 'four'))[0]).toContain('second: Prompt 0')
  expect(fake.stats().answered).toBe(4 * rowCount)

  const again = await retort(
    project.folder,
    ['run', 'pipeline.json', '--run-id', 'one', '--fresh'],
    env,
  )
  expect(again.code).toBe(0)
  expect(again.stderr).toContain("Run 'one' was planned before and goes on as it is")
  expect(fake.stats().answered).toBe(4 * rowCount)
})

test('a run in the middle that its pipeline changed under goes on with --accept-changes, and pays for what changed alone', async () => {
  fake.set({ latencyMs: 20 })
  const going = startRetort(project.folder, ['run', 'pipeline.json', '--run-id', 'changed'], env)
  await waitUntil(() => fake.stats().answered > rowCount, 'half of the answers')
  going.child.kill('SIGINT')
  await going.ended
  fake.set({ latencyMs: 0 })

  const refused = await retort(
    project.folder,
    ['run', 'pipeline.json', '--run-id', 'changed', ...revise],
    env,
  )
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(
    "error: Run 'changed' was planned otherwise: step 'revise' changed. Start a new run, or go on with --accept-changes.\n",
  )
  const result = await run('--run-id', 'changed', ...revise, '--accept-changes')
  expect(result).toMatchObject({
    runId: 'changed',
    status: 'completed',
    dataset: { rows: rowCount },
  })
  // Not one draft was asked for twice.
  expect(fake.stats().duplicates).toBe(0)
})

test('a completed run with changes goes on as a new version, and the same command finds that one', async () => {
  const first = await run('--run-id', 'done')
  const refused = await retort(
    project.folder,
    ['run', 'pipeline.json', '--run-id', 'done', ...revise],
    env,
  )
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('or make a new version with --accept-changes')
  expect(fake.stats().answered).toBe(2 * rowCount)

  const accepted = ['--run-id', 'done', ...revise, '--accept-changes']
  const second = await run(...accepted)
  expect(second).toMatchObject({
    runId: 'done.r2',
    calls: rowCount,
    reusedAnswers: rowCount,
    dataset: { version: 'done.r2', rows: rowCount },
  })
  expect(await run(...accepted)).toMatchObject({ runId: 'done.r2', calls: rowCount })
  expect(await run('--run-id', 'done', '--accept-changes')).toMatchObject({
    dataset: first.dataset,
  })
  expect(fake.stats().answered).toBe(3 * rowCount)

  // The source counts, too.
  writeFileSync(
    join(project.folder, 'prompts.jsonl'),
    `${JSON.stringify({ id: -1, instruction: 'New?' })}\n`,
    { flag: 'a' },
  )
  expect(await run(...accepted)).toMatchObject({
    runId: 'done.r3',
    dataset: { rows: rowCount + 1 },
  })
  expect(fake.stats().answered).toBe(3 * rowCount + 2)
})
