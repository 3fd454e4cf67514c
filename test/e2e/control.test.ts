import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeReply } from '../../bench/fake-server/fake-options.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { oneTask } from './one-task.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import type { Going } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

let project: Project
let fake: FakeServer
const env = { FAKE_KEY: 'key' }
const going: Going[] = []

afterEach(async () => {
  for (const { child } of going) child.kill('SIGKILL')
  await Promise.all(going.splice(0).map(({ ended }) => ended))
  await fake.close()
  project.remove()
})

function prepare(rowCount: number, maxConcurrency: number, batchSize?: number) {
  project = createProject()
  const { rows, spec } = oneTask(rowCount, `${fake.url}/v1`, maxConcurrency, batchSize)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
}

function start(...args: string[]): Going {
  const command = startRetort(project.folder, args, env)
  going.push(command)
  return command
}

const run = (...args: string[]) => retort(project.folder, args, env)

const refusal: FakeReply = {
  status: 401,
  body: { error: { message: 'Expired.', code: 'invalid_api_key' } },
}

async function untilIds(runId: string, rowCount: number) {
  const ids = (await readRows(project.folder, runId, env)).map(
    (line) => (JSON.parse(line) as { id: number }).id,
  )
  expect(ids).toEqual(Array.from({ length: rowCount }, (_, index) => index))
}

test('pause holds new calls within two seconds and keeps those in flight, and resume goes on without asking twice', async () => {
  const inFlight = 10
  fake = await startFakeServer({ latencyMs: 60 })
  prepare(600, inFlight)
  const serving = start('run', 'pipeline.json', '--run-id', 'held', '--json')
  await waitUntil(() => fake.stats().answered > 60, 'some answers')
  const paused = await run('pause', 'held')
  expect(paused).toMatchObject({ code: 0, stderr: expect.stringContaining("'held' is paused") })
  const atPause = fake.stats().requests
  const shown = await run('show', 'held')
  expect(shown.stdout).toMatch(/status +paused/)
  expect((await run('list')).stdout).toMatch(/held +paused/)
  expect(await run('pause', 'held')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is paused already'),
  })
  // The commands above took seconds, in which a run that is not held would ask dozens of times.
  const held = fake.stats()
  expect(held.requests - atPause).toBeLessThanOrEqual((2_000 / 60) * inFlight)
  expect(held.answered).toBe(held.requests)
  await run('show', 'held')
  expect(fake.stats().requests).toBe(held.requests)
  expect(serving.output().stderr).toContain('resume held')

  expect(await run('resume', 'held')).toMatchObject({ code: 0 })
  const { code, stdout } = await serving.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', calls: 600 })
  expect(fake.stats()).toMatchObject({ answered: 600, duplicates: 0 })
  await untilIds('held', 600)
  expect(await run('resume', 'held')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has completed'),
  })
})

test('a wrong setting of a live run is refused in a sentence and changes nothing, and a right one holds', async () => {
  fake = await startFakeServer({ latencyMs: 200 })
  prepare(400, 2)
  const serving = start('run', 'pipeline.json', '--run-id', 'tuned', '--json')
  await waitUntil(() => fake.stats().answered > 4, 'some answers')
  for (const [setting, sentence] of [
    ['maxConcurency=4', "Did you mean 'maxConcurrency'?"],
    ['maxConcurrency=0', 'a whole number of 1 or more'],
    ['load.llm.limits.maxConcurrency=3', 'asks no model'],
    ['budget.tokens=-5', 'a whole number of 1 or more'],
    ['maxRejected=1.5', 'a share of them below 1'],
    ['maxRejected', 'write setting=value'],
  ] as const)
    expect(await run('set', 'tuned', setting)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(sentence),
    })
  expect(await run('resume', 'tuned')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not paused'),
  })
  expect(await run('set', 'untold', 'maxConcurrency=3')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("There is no run 'untold'"),
  })
  expect(fake.stats().peakInFlight).toBe(2)
  expect(await run('set', 'tuned', 'maxConcurrency=40')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("maxConcurrency is 40 for 'answer'"),
  })
  await waitUntil(() => fake.stats().peakInFlight > 30, 'more calls at once')
  expect((await serving.ended).code).toBe(0)
})

test('with --on-stop pause a refused key holds the run in all lanes, and resume completes it', async () => {
  const rowCount = 5_200
  let isRefused = false
  let refused = 0
  fake = await startFakeServer({
    latencyMs: 5,
    respond: () => {
      if (!isRefused) return undefined
      refused++
      return refusal
    },
  })
  prepare(rowCount, 40, 50)
  const serving = start('run', 'pipeline.json', '--run-id', 'waits', '--on-stop', 'pause', '--json')
  await waitUntil(() => fake.stats().answered > 1_000, 'some answers')
  isRefused = true
  await waitUntil(() => serving.output().stderr.includes('resume waits'), 'the pause')
  expect(serving.output().stderr).toMatch(/Run 'waits' is paused: .*got 401/)
  expect(refused).toBeLessThanOrEqual(40)
  await run('show', 'waits')
  expect(refused).toBeLessThanOrEqual(40)
  // Resumed too early, it is held again.
  const before = refused
  await run('resume', 'waits')
  await waitUntil(() => refused > before, 'another refusal')
  await waitUntil(
    async () => /status +paused/.test((await run('show', 'waits')).stdout),
    'the second pause',
  )
  expect(refused - before).toBeLessThanOrEqual(40)
  isRefused = false
  expect(await run('resume', 'waits')).toMatchObject({ code: 0 })
  const { code, stdout } = await serving.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', calls: rowCount })
  expect(fake.stats()).toMatchObject({ answered: rowCount, duplicates: 0 })
  await untilIds('waits', rowCount)
})

test('a hopeless run stops when little more than what it had begun is rejected', async () => {
  const inFlight = 20
  fake = await startFakeServer({
    latencyMs: 5,
    reply: { status: 400, body: { error: { message: 'No.', code: 'context_length_exceeded' } } },
  })
  prepare(10_000, inFlight)
  const stopped = await run('run', 'pipeline.json', '--run-id', 'hopeless', '--json')
  expect(stopped.code).toBe(1)
  expect(JSON.parse(stopped.stdout)).toMatchObject({
    status: 'stopped',
    error: { code: 'too-many-rejected', message: expect.stringContaining('maxRejected') },
  })
  // The windows of two lanes, which were scheduled before the first row was rejected, and some tens of rows.
  expect(fake.stats().requests).toBeLessThanOrEqual(8 * inFlight + 100)
})

test('a run whose limit of rejected rows is reached waits, and the setting lets it go on', async () => {
  fake = await startFakeServer({
    latencyMs: 5,
    respond: ({ prompt }) =>
      /\d*[05]:/.test(prompt)
        ? { status: 400, body: { error: { message: 'No.', code: 'context_length_exceeded' } } }
        : undefined,
  })
  prepare(200, 10)
  const args = ['run', 'pipeline.json', '--run-id', 'picky', '--json']
  const serving = start(...args, '--max-rejected', '10', '--on-stop', 'pause')
  await waitUntil(() => serving.output().stderr.includes('resume picky'), 'the pause')
  expect(serving.output().stderr).toMatch(/rejected of \d+ rows are more than maxRejected allows/)
  expect(await run('set', 'picky', 'maxRejected=0.3')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('It goes on.'),
  })
  const { code, stdout } = await serving.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ dataset: { rows: 160, rejected: 40 } })
})

test('cancel lets calls in flight finish, and the same run id goes on without asking them again', async () => {
  fake = await startFakeServer({ latencyMs: 50 })
  prepare(300, 10)
  const serving = start('run', 'pipeline.json', '--run-id', 'ended', '--json')
  await waitUntil(() => fake.stats().answered > 60, 'some answers')
  expect(await run('cancel', 'ended')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("'ended' is cancelled"),
  })
  const { code, stdout } = await serving.ended
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled', dataset: null })
  expect(await run('cancel', 'ended')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has ended as cancelled'),
  })
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'ended'], env)
  expect(result).toMatchObject({ status: 'completed', calls: 300 })
  expect(fake.stats()).toMatchObject({ answered: 300, duplicates: 0 })
})

test('a run of workers waits by default, and all its lanes count together what they reject', async () => {
  const rowCount = 5_200
  fake = await startFakeServer({
    latencyMs: 5,
    respond: ({ prompt }) =>
      /[0-5]:/.test(prompt)
        ? { status: 400, body: { error: { message: 'No.', code: 'context_length_exceeded' } } }
        : undefined,
  })
  prepare(rowCount, 20)
  start('worker')
  expect(await run('start', 'pipeline.json', '--run-id', 'many')).toMatchObject({ code: 0 })
  const watching = start('watch', 'many', '--json')
  await waitUntil(() => watching.output().stderr.includes('resume many'), 'the pause')
  expect(watching.output().stderr).toMatch(/rejected of \d+ rows are more than maxRejected/)
  expect(fake.stats().requests).toBeLessThan(rowCount / 4)
  expect(await run('set', 'many', 'maxRejected=0.9')).toMatchObject({ code: 0 })
  const { code, stdout } = await watching.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    dataset: { rows: rowCount * 0.4, rejected: rowCount * 0.6 },
  })
})

test('a run that nobody serves is said to spend nothing, and is ended by cancel', async () => {
  fake = await startFakeServer({ latencyMs: 50 })
  prepare(300, 10)
  expect(await run('start', 'pipeline.json', '--run-id', 'alone')).toMatchObject({ code: 0 })
  for (const command of ['pause', 'resume'])
    expect(await run(command, 'alone')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`retort worker` starts one'),
    })
  expect(await run('cancel', 'alone')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('was served by nobody and is ended'),
  })
  expect(await run('pause', 'alone')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has ended as terminated'),
  })
  expect(fake.stats().requests).toBe(0)
})
