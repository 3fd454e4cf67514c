import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { twoTasks } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'
import { retort, startRetort } from '../e2e/retort-command.ts'
import type { Going } from '../e2e/retort-command.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { createCliProject } from './cli-project.ts'

const bin = fileURLToPath(new URL('../../bin/retort.js', import.meta.url))
const inFlight = 10
let project: Project
let fake: FakeServer

beforeAll(() => {
  project = createCliProject()
})
afterAll(() => project.remove())
beforeEach(async () => {
  fake = await startFakeServer({ latencyMs: 300 })
  const { rows, spec } = twoTasks(60, `${fake.url}/v1`, inFlight)
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', spec)
})
afterEach(() => fake.close())

const env = { FAKE_KEY: 'key' }
const start = (...args: readonly string[]) =>
  startRetort(project.folder, ['run', 'pipeline.json', ...args], env)

/** Waits until the command asks the model. */
async function asked(going: Going, holds: () => boolean): Promise<void> {
  const tooSoon = going.ended.then(({ stderr }) => {
    throw new Error(`It ended before: ${stderr}`)
  })
  await Promise.race([waitUntil(holds, 'calls'), tooSoon])
  tooSoon.catch(() => {})
}

test('an interrupted run names the command that resumes it, which completes', async () => {
  const going = start('--quiet', '--set', 'draft.llm.params.model=first model')
  await asked(going, () => fake.stats().answered > 0 && fake.stats().inFlight > 0)
  // npx hands on a Ctrl-C that the terminal has delivered already.
  going.child.kill('SIGINT')
  going.child.kill('SIGINT')
  const { code, stderr } = await going.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/^Finishing \d+ calls? in flight; Ctrl-C again exits at once\.\n/)
  expect(fake.stats()).toMatchObject({ inFlight: 0, statuses: { 200: fake.stats().requests } })
  const line = stderr.trim().split('\n').at(-1)?.trim() ?? ''
  expect(line).toMatch(/--set 'draft\.llm\.params\.model=first model' --run-id two-tasks-[\w-]+$/)

  // Tests run below npx or npm, and so does what they start; this package is not to be had there.
  const typed = line.replace(/^npx retort/, `'${process.execPath}' '${bin}'`)
  fake.set({ latencyMs: 0 })
  const again = await promisify(execFile)('sh', ['-c', `${typed} --json`], {
    cwd: project.folder,
    env: { ...process.env, ...env },
  })
  expect(JSON.parse(again.stdout)).toMatchObject({ status: 'completed', dataset: { rows: 60 } })
})

test('SIGTERM drains like Ctrl-C', async () => {
  const going = start('--run-id', 'termed', '--json')
  await asked(going, () => fake.stats().inFlight > 0)
  going.child.kill('SIGTERM')
  const { code, stdout } = await going.ended
  expect(code).toBe(130)
  expect(JSON.parse(stdout)).toMatchObject({ runId: 'termed', status: 'interrupted', error: null })
  expect(fake.stats().statuses).toEqual({ 200: fake.stats().requests })
})

test('a run that was left says how it goes on, and nobody waits for it', async () => {
  const going = start('--run-id', 'left')
  await asked(going, () => fake.stats().inFlight > 0)
  going.child.kill('SIGTERM')
  await going.ended
  const run = (...args: readonly string[]) => retort(project.folder, args)
  expect((await run('show', 'left')).stdout).toMatch(
    /^status +left unfinished\nresume +.* run FILE --run-id left$/m,
  )
  expect((await run('list')).stdout).toMatch(/^left +waiting +two-tasks/m)
  const watched = await run('watch', 'left', '--json')
  expect(watched.code).toBe(2)
  expect(watched.stderr).toMatch(/^error: Run 'left' was left unfinished .*run FILE --run-id left/)
  expect(JSON.parse(watched.stdout)).toMatchObject({
    runId: 'left',
    error: { code: 'run-unknown' },
  })
})

test('Ctrl-C ends watching and leaves the run to its worker', async () => {
  fake.set({ latencyMs: 120_000 })
  const going = start('--run-id', 'watched')
  await asked(going, () => fake.stats().inFlight === inFlight)
  const watching = startRetort(project.folder, ['watch', 'watched', '--json'])
  await waitUntil(() => watching.output().stderr.includes("Run 'watched' of"), 'its first line')
  watching.child.kill('SIGINT')
  const { code, stdout, stderr } = await watching.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/ watch watched --json\n$/)
  expect(JSON.parse(stdout)).toMatchObject({ runId: 'watched', status: 'interrupted' })
  expect(fake.stats().inFlight).toBe(inFlight)
  going.child.kill('SIGKILL')
  await going.ended
})

test('a second Ctrl-C exits at once', async () => {
  fake.set({ latencyMs: 120_000 })
  const going = start('--run-id', 'twice', '--json')
  await asked(going, () => fake.stats().inFlight === inFlight)
  going.child.kill('SIGINT')
  await waitUntil(() => going.output().stderr.includes('Ctrl-C again'), 'the notice')
  // Signals of almost one time count as one, so that this one may have to be repeated.
  const timer = setInterval(() => going.child.kill('SIGINT'), 50)
  const { code, stdout } = await going.ended
  clearInterval(timer)
  expect(code).toBe(130)
  expect(JSON.parse(stdout)).toMatchObject({ runId: 'twice', status: 'interrupted', dataset: null })
})
