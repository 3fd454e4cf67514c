import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Project } from '../e2e/project.ts'
import { retort, runToResult } from '../e2e/retort-command.ts'
import { createCliProject, simulatedPipeline } from './cli-project.ts'

const bin = fileURLToPath(new URL('../../bin/retort.js', import.meta.url))
const rowCount = 3_000
let project: Project
/** No server answers there: these commands need none. */
const withoutServer = { TEMPORAL_ADDRESS: '127.0.0.1:1' }

beforeAll(async () => {
  project = createCliProject()
  project.write('many.json', simulatedPipeline('many', rowCount))
  project.write('few.json', simulatedPipeline('few', 1))
  await runToResult(project.folder, ['many.json', '--run-id', 'monday'])
  await runToResult(project.folder, ['few.json', '--run-id', 'tuesday'])
})
afterAll(() => project.remove())

const rows = (...args: readonly string[]) =>
  retort(project.folder, ['rows', ...args], withoutServer)

test('rows shows the latest dataset, readable, without a server', async () => {
  const { code, stdout, stderr } = await rows()
  expect(code).toBe(0)
  expect(stdout).toBe(`── row 0 ──
id           0
instruction  Question 0?
generation   This is a simulated answer to: Question 0?
model_name   simulated

`)
  expect(stderr).toContain('few/tuesday: rows 0 to 0 of 1 (simulated')
})

test('rows finds a dataset by run id, by name and by version, and any range of it', async () => {
  const range = ['--offset', '2998', '--limit', '5', '--json']
  const byRun = await rows('monday', ...range)
  const found = byRun.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(found).toMatchObject([{ id: 2998 }, { id: 2999 }])
  expect((await rows('many', ...range)).stdout).toBe(byRun.stdout)
  expect((await rows('many/monday', ...range)).stdout).toBe(byRun.stdout)
  expect(await rows('many', '--rejected', '--json')).toMatchObject({ code: 0, stdout: '' })
})

test('a reader that goes away ends rows quietly', () => {
  const line = `"$0" "$1" rows monday --json --limit ${rowCount} | head -n 1; exit \${PIPESTATUS[0]}`
  const ended = spawnSync('bash', ['-c', line, process.execPath, bin], {
    cwd: project.folder,
    encoding: 'utf8',
  })
  expect(JSON.parse(ended.stdout)).toMatchObject({ id: 0 })
  expect(ended).toMatchObject({ status: 0, stderr: '' })
})

test('export writes a dataset in each format', async () => {
  const write = (...args: readonly string[]) =>
    retort(project.folder, ['export', 'tuesday', ...args], withoutServer)
  expect(await write('--format', 'csv')).toMatchObject({ code: 0, stdout: '' })
  expect(readFileSync(join(project.folder, 'few.csv'), 'utf8')).toBe(
    'id,instruction,generation,model_name\r\n0,Question 0?,This is a simulated answer to: Question 0?,simulated\r\n',
  )
  expect((await write('--output', 'a/few.parquet')).stderr).toBe('Wrote 1 rows to a/few.parquet.\n')
  const bytes = readFileSync(join(project.folder, 'a/few.parquet'))
  expect(bytes.subarray(0, 4).toString()).toBe('PAR1')
  expect(await write('--output', 'few.csv', '--format', 'jsonl')).toMatchObject({ code: 2 })
})
