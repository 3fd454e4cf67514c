import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Project } from '../e2e/project.ts'
import { retort, startRetort } from '../e2e/retort-command.ts'
import type { Going } from '../e2e/retort-command.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { createCliProject, modulePipeline, simulatedPipeline } from './cli-project.ts'

let project: Project
let dev: Going

beforeAll(async () => {
  project = createCliProject()
  project.write('shouts.ts', modulePipeline)
  project.write('answers.json', simulatedPipeline('answers', 3))
  dev = startRetort(project.folder, ['dev', 'shouts.ts'])
  await waitUntil(() => (dev.output().stderr.match(/task queue/g) ?? []).length === 2, 'workers')
})
afterAll(async () => {
  dev.child.kill('SIGINT')
  await dev.ended
  project.remove()
})

const run = (...args: readonly string[]) => retort(project.folder, args)

test('a run that is started is done by the workers of its store, also with code of its own', async () => {
  const started = await run('start', 'shouts.ts', '--run-id', 'shouts', '--json')
  expect(started).toMatchObject({ code: 0 })
  expect(JSON.parse(started.stdout)).toEqual({
    runId: 'shouts',
    url: expect.stringContaining('/workflows/shouts'),
  })
  expect(started.stderr).not.toContain('No worker')
  const watched = await run('watch', 'shouts', '--json')
  expect(watched.code).toBe(0)
  expect(JSON.parse(watched.stdout)).toMatchObject({ status: 'completed', dataset: { rows: 2 } })

  await run('start', 'answers.json', '--run-id', 'answers')
  expect(await run('watch', 'answers')).toMatchObject({ code: 0, stdout: '' })
  expect((await run('show', 'answers')).stdout).toMatch(/^status +completed$/m)
})

test('list has the runs and the datasets, the newest first', async () => {
  await run('run', 'answers.json', '--run-id', 'last', '--quiet')
  const { stdout } = await run('list', '--json')
  const { runs, datasets } = JSON.parse(stdout) as Record<string, readonly unknown[]>
  expect(runs?.[0]).toMatchObject({ runId: 'last', status: 'completed', pipeline: 'answers' })
  expect(datasets?.[0]).toMatchObject({ name: 'answers', version: 'last', rows: 3, rejected: 0 })
  expect((await run('list')).stdout).toMatch(/^last +completed +answers +\d{4}-/m)
})

test('a run that failed shows its error, and watching it exits as it did', async () => {
  const steps = [{ name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'no.csv' } }]
  project.write('failing.json', JSON.stringify({ version: 1, name: 'failing', steps }))
  await run('start', 'failing.json', '--run-id', 'failing')
  const watched = await run('watch', 'failing', '--json')
  expect(watched.code).toBe(2)
  expect(JSON.parse(watched.stdout)).toMatchObject({
    status: 'failed',
    error: { code: 'file-missing' },
  })
  expect((await run('show', 'failing')).stdout).toContain('no.csv')
  expect(await run('show', 'nothing')).toMatchObject({ code: 2, stdout: '' })
})

test('doctor finds everything that runs need', async () => {
  const { code, stdout } = await run('doctor', '--json')
  const checks = JSON.parse(stdout) as readonly { name: string; isOk: boolean }[]
  expect(checks.map(({ name }) => name)).toEqual(['Node', 'Temporal', 'Store', 'Keys'])
  expect(checks.every(({ isOk }) => isOk)).toBe(true)
  expect(code).toBe(0)
})

test('doctor tells what is wrong and no key', async () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', OPENAI_API_KEY: 'sk-very-secret' }
  const { code, stdout } = await retort(project.folder, ['doctor', '--store', 'ftp://x'], env)
  expect(code).toBe(1)
  expect(stdout).toContain('problem  Temporal: No Temporal server answers at 127.0.0.1:1')
  expect(stdout).toContain("problem  Store: Store 'ftp://x'")
  expect(stdout).toContain('ok       Keys: OPENAI_API_KEY is set')
  expect(stdout).not.toContain('sk-very-secret')
})

test('a namespace that the server does not have is told, before anything is begun', async () => {
  const address = /Temporal at (\S+),/.exec(dev.output().stderr)?.[1] ?? ''
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'nowhere' }
  const { code, stderr } = await retort(project.folder, ['run', 'answers.json'], env)
  expect(stderr).toMatch(
    /^error: Temporal answers at \S+, but its namespace 'nowhere' cannot be used/,
  )
  expect(code).toBe(2)
})

test('dev refuses a port that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const other = createCliProject()
  const { code, stderr } = await retort(other.folder, ['dev', '--port', String(port)])
  taken.close()
  other.remove()
  expect(code).toBe(2)
  expect(stderr).toMatch(new RegExp(`^error: .*${port}`))
})
