import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFileStore } from '../../src/storage/file-store.ts'
import { compactJournal } from '../../src/storage/journal/compact-journal.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Project } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'
import { createCliProject, simulatedPipeline } from './cli-project.ts'

const rowCount = 120
const twoDays = 2 * 86_400
let project: Project
let store: Store

/** Three runs whose second step differs: the second one was never committed. */
beforeAll(async () => {
  project = createCliProject()
  store = createFileStore(join(project.folder, '.retort', 'store'))
  for (const run of ['first', 'second', 'third']) {
    const params = {
      llm: { type: 'SimulatedLLM', params: {} },
      template: `${run}: {{instruction}}`,
    }
    project.write(`${run}.json`, simulatedPipeline('many', rowCount, { params }))
    await runToResult(project.folder, [`${run}.json`, '--run-id', run])
  }
  await store.delete('datasets/many/second/dataset.json')
  await compactJournal(store, 'many', { minSegments: 1 })
  const left = [
    'sources/abc/rows/0000000000-abc',
    'datasets/many/lost/generate/abc.parquet',
    'datasets/many/waiting/generate/abc.parquet',
    'workers/retort-gone/abc',
  ]
  for (const key of left) await store.put(key, Buffer.from('null'))
})
afterAll(() => project.remove())

async function keys(): Promise<string[]> {
  return (await Array.fromAsync(store.list(''))).map(({ key }) => key)
}

async function signaturesOf(run: string): Promise<string[]> {
  const plan = JSON.parse(Buffer.from((await store.get(`runs/${run}/plan.json`)) ?? []).toString())
  return plan.steps.map(({ signature }: { signature: string }) => signature)
}

async function age(keys: readonly string[]): Promise<void> {
  for (const key of keys)
    await utimes(join(project.folder, '.retort', 'store', key), 1, Date.now() / 1_000 - twoDays)
}

const clean = async (...args: readonly string[]) => await retort(project.folder, ['clean', ...args])

test('clean spares what is younger than a day, and than it is told', async () => {
  expect(await clean()).toMatchObject({ code: 0, stdout: 'There is nothing to remove.\n' })
  await age(await keys())
  const { stdout } = await clean('--older-than', '3')
  expect(stdout).toBe('There is nothing to remove.\n')
})

test('clean removes nothing but what no run and no dataset needs, and only when told', async () => {
  await age(await keys())
  // The server knows it, and no worker is there to do it.
  const started = await retort(project.folder, ['start', 'third.json', '--run-id', 'waiting'])
  expect(started.code).toBe(0)
  const before = await keys()
  const dry = await clean('--json')
  expect(JSON.parse(dry.stdout)).toMatchObject({
    removed: false,
    kinds: [
      { kind: 'journal', objects: expect.any(Number) },
      { kind: 'chunks', objects: expect.any(Number) },
      { kind: 'sources', objects: 1, bytes: 4 },
      { kind: 'datasets', objects: expect.any(Number) },
      { kind: 'workers', objects: 1, bytes: 4, reason: expect.stringContaining('silent') },
    ],
  })
  expect((await clean()).stdout).toMatch(
    /sources {3}1 object, 4 bytes: no run reads them\n[^]*Nothing was removed yet; `[^`]* clean --yes` removes \d+ objects, [\d.]+ kB\.\n$/,
  )
  expect(await keys()).toEqual(before)

  const rows = await readRows(project.folder, 'first')
  expect((await clean('--yes')).stdout).toMatch(/Removed \d+ objects, [\d.]+ kB\.\n$/)
  const after = new Set(await keys())
  const gone = before.filter((key) => !after.has(key))
  const [, first = ''] = await signaturesOf('first')
  expect(gone.every((key) => !key.startsWith('runs/'))).toBe(true)
  const chunksOf = (signature: string) =>
    before.filter((key) => key.startsWith(`pipelines/many/chunks/${signature}/`))
  expect(gone).toEqual(expect.arrayContaining(chunksOf(first)))
  for (const run of ['second', 'third'])
    for (const signature of await signaturesOf(run))
      for (const key of chunksOf(signature)) expect(after).toContain(key)
  expect(gone.filter((key) => /^(sources|workers)/.test(key))).toEqual([
    'sources/abc/rows/0000000000-abc',
    'workers/retort-gone/abc',
  ])
  expect(gone.filter((key) => key.startsWith('datasets/')).map((key) => key.split('/')[2])).toEqual(
    ['lost', expect.any(String), 'second'],
  )
  expect([...after].filter((key) => /journal\/segments/.test(key))).toEqual([])
  expect((await clean()).stdout).toBe('There is nothing to remove.\n')

  // Nothing is lost: what was made of the answers is made of them again.
  expect(await readRows(project.folder, 'first')).toEqual(rows)
  const args = ['first.json', '--run-id', 'again', '--concurrent']
  const again = await runToResult(project.folder, args)
  expect(again).toMatchObject({ status: 'completed', calls: 0, reusedAnswers: rowCount })
  expect(await readRows(project.folder, 'again')).toEqual(rows)
}, 180_000)
