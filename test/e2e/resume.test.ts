import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { connectLiveServer } from './live-server.ts'
import type { LiveServer } from './live-server.ts'
import { oneTask } from './one-task.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import type { Going } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

let project: Project
let fake: FakeServer
let server: LiveServer | undefined
const env = { FAKE_KEY: 'key' }
const going: Going[] = []
const inFlight = 10

afterEach(async () => {
  for (const { child } of going) child.kill('SIGKILL')
  await Promise.all(going.splice(0).map(({ ended }) => ended))
  await server?.close()
  server = undefined
  await fake.close()
  project.remove()
})

async function prepare(rowCount: number, latencyMs: number) {
  fake = await startFakeServer({ latencyMs })
  project = createProject()
  const { rows, spec } = oneTask(rowCount, `${fake.url}/v1`, inFlight)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
}

function start(...args: string[]): Going {
  const command = startRetort(project.folder, args, env)
  going.push(command)
  return command
}

const run = (...args: string[]) => retort(project.folder, args, env)

async function untilAnswered(count: number) {
  await waitUntil(() => fake.stats().answered >= count, `${count} answers`)
}

/** The server goes two seconds after the last of its clients. */
async function untilServerEnded() {
  const file = join(project.folder, '.retort/server.json')
  await waitUntil(() => !existsSync(file), 'the end of the server')
}

/** Runs the run id to its end, and checks that nothing is lost, doubled or asked twice. */
async function expectResumed(runId: string, rowCount: number, mostDuplicates = 0) {
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', runId], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: rowCount, rejected: 0 } })
  const { answered, duplicates } = fake.stats()
  expect(answered - duplicates).toBe(rowCount)
  expect(duplicates).toBeLessThanOrEqual(mostDuplicates)
  const ids = (await readRows(project.folder, runId, env)).map(
    (line) => (JSON.parse(line) as { id: number }).id,
  )
  expect(ids).toEqual(Array.from({ length: rowCount }, (_, index) => index))
}

test('a run that was terminated on the server goes on under its id', async () => {
  await prepare(300, 30)
  server = await connectLiveServer(project.folder)
  const serving = start('run', 'pipeline.json', '--run-id', 'shot', '--json')
  await untilAnswered(60)
  await server.client.workflow.getHandle('shot').terminate('by a test')
  const { code, stdout } = await serving.ended
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'stopped', dataset: null })
  await expectResumed('shot', 300)
})

test('a run whose execution timed out goes on under its id', async () => {
  await prepare(300, 30)
  server = await connectLiveServer(project.folder)
  const serving = start('run', 'pipeline.json', '--run-id', 'late')
  await untilAnswered(60)
  serving.child.kill('SIGINT')
  await serving.ended
  const { workflow } = server.client
  const { taskQueue } = await workflow.getHandle('late').describe()
  await workflow.getHandle('late').terminate('its successor is to time out')
  const handle = await workflow.start('runPipeline', {
    workflowId: 'late',
    taskQueue,
    workflowRunTimeout: '1 second',
  })
  await waitUntil(async () => (await handle.describe()).status.name === 'TIMED_OUT', 'the timeout')
  await expectResumed('late', 300)
})

test('a run that Temporal itself was asked to cancel goes on under its id', async () => {
  await prepare(300, 30)
  server = await connectLiveServer(project.folder)
  const serving = start('run', 'pipeline.json', '--run-id', 'called-off', '--json')
  await untilAnswered(60)
  await server.client.workflow.getHandle('called-off').cancel()
  const { code, stdout } = await serving.ended
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'cancelled' })
  await expectResumed('called-off', 300)
})

test('a run goes on with the store alone, when the server has lost everything', async () => {
  await prepare(300, 30)
  const serving = start('run', 'pipeline.json', '--run-id', 'bare')
  await untilAnswered(60)
  serving.child.kill('SIGKILL')
  await serving.ended
  await untilServerEnded()
  for (const ending of ['', '-shm', '-wal'])
    rmSync(join(project.folder, `.retort/temporal.db${ending}`), { force: true })
  await expectResumed('bare', 300, inFlight + 1_000 / (30 / inFlight))
})

test('a worker that is asked to stop hands back what it has, and the next one asks nothing again', async () => {
  await prepare(400, 60)
  const first = start('worker')
  await waitUntil(() => first.output().stderr.includes('task queue'), 'the worker')
  expect(await run('start', 'pipeline.json', '--run-id', 'moved')).toMatchObject({ code: 0 })
  await untilAnswered(60)
  first.child.kill('SIGTERM')
  expect((await first.ended).code).toBe(0)
  const { requests, answered } = fake.stats()
  expect(answered).toBe(requests)
  start('worker')
  expect((await run('watch', 'moved')).code).toBe(0)
  expect(fake.stats()).toMatchObject({ answered: 400, duplicates: 0 })
})

test('a paused run of workers is resumed after the worker and the server were started anew', async () => {
  await prepare(300, 120)
  const first = start('worker')
  await waitUntil(() => first.output().stderr.includes('task queue'), 'the worker')
  await run('start', 'pipeline.json', '--run-id', 'slept')
  await untilAnswered(60)
  expect(await run('pause', 'slept')).toMatchObject({ code: 0 })
  first.child.kill('SIGTERM')
  await first.ended
  await untilServerEnded()
  expect(await run('resume', 'slept')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No worker serves'),
  })
  const asked = fake.stats().requests
  const second = start('worker')
  await waitUntil(() => second.output().stderr.includes('task queue'), 'the second worker')
  expect((await run('show', 'slept')).stdout).toMatch(/status +paused/)
  expect(await run('resume', 'slept')).toMatchObject({ code: 0 })
  expect(fake.stats().requests - asked).toBeLessThanOrEqual(inFlight)
  expect((await run('watch', 'slept')).code).toBe(0)
  expect(fake.stats().answered - fake.stats().duplicates).toBe(300)
  expect(await run('start', 'pipeline.json', '--run-id', 'slept')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('has completed already'),
  })
})

test('a paused run holds its pipeline: another start names it, and its own command goes on with it', async () => {
  await prepare(300, 120)
  const serving = start('run', 'pipeline.json', '--run-id', 'holder', '--json')
  await untilAnswered(60)
  await run('pause', 'holder')
  expect(await run('run', 'pipeline.json', '--run-id', 'other')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Run 'holder'"),
  })
  serving.child.kill('SIGINT')
  expect((await serving.ended).code).toBe(130)
  expect(await run('run', 'pipeline.json', '--run-id', 'other')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/'holder' of pipeline 'one-task' is paused: .*--concurrent/),
  })
  expect(await run('resume', 'holder')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('retort run FILE --run-id holder'),
  })
  await expectResumed('holder', 300)
})

test('a command that starts a paused run which goes on elsewhere resumes it and says so', async () => {
  await prepare(300, 120)
  const serving = start('run', 'pipeline.json', '--run-id', 'shared', '--json')
  await untilAnswered(60)
  await run('pause', 'shared')
  const second = await run('run', 'pipeline.json', '--run-id', 'shared')
  expect(second).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('was paused, and goes on'),
  })
  expect((await serving.ended).code).toBe(0)
  expect(fake.stats()).toMatchObject({ answered: 300, duplicates: 0 })
})
