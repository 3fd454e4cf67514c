import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { hubTokens, startHubServer } from '../servers/hub-server.ts'
import type { HubServer } from '../servers/hub-server.ts'
import { parquetOf } from '../storage/parquet/parquet-of.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult } from './retort-command.ts'

let hub: HubServer
let project: Project

beforeAll(async () => {
  hub = await startHubServer()
  hub.put('acme/seeds', {
    'data/train-00000-of-00001.parquet': await parquetOf(
      "SELECT range AS id, 'Why ' || range || '?' AS instruction FROM range(30)",
    ),
  })
  const repo = hub.repos.get('acme/seeds')
  if (repo !== undefined) repo.isPrivate = true
  project = createProject()
  const steps = (load: object) => ({
    version: 1,
    steps: [
      { name: 'load', ...load },
      { name: 'keep', type: 'KeepColumns', after: ['load'], params: { columns: ['instruction'] } },
    ],
  })
  const fromHub = { type: 'LoadDataFromHub', params: { repoId: 'acme/seeds' } }
  const fromDisk = {
    type: 'LoadDataFromDisk',
    params: { datasetPath: '.retort/store/datasets/from-hub', numExamples: 2 },
  }
  project.write('hub.json', JSON.stringify({ ...steps(fromHub), name: 'from-hub' }))
  project.write('disk.json', JSON.stringify({ ...steps(fromDisk), name: 'from-disk' }))
})
afterAll(async () => {
  await hub.stop()
  project.remove()
})

test('a run reads a private dataset of the Hub, and the next one the dataset that it left', async () => {
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: hubTokens.read }
  const first = await runToResult(project.folder, ['hub.json', '--run-id', 'first'], env)
  expect(first).toMatchObject({ status: 'completed', dataset: { rows: 30 } })
  const second = await runToResult(project.folder, ['disk.json', '--run-id', 'second'])
  expect(second).toMatchObject({ status: 'completed', dataset: { rows: 2 } })
  const rows = await readRows(project.folder, 'second')
  expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
    { instruction: 'Why 0?' },
    { instruction: 'Why 1?' },
  ])
  const files = readdirSync(join(project.folder, '.retort'), {
    recursive: true,
    withFileTypes: true,
  })
  for (const file of files)
    if (file.isFile())
      expect(readFileSync(join(file.parentPath, file.name)).includes(hubTokens.read)).toBe(false)
})

test.each([
  ['a token that is none', { HF_TOKEN: 'hf_wrong' }, 'does not take the token in HF_TOKEN'],
  ['no token', { HF_TOKEN: '' }, "There is no public dataset 'acme/seeds' at "],
])('with %s nothing is started', async (_, environment, message) => {
  const { code, stderr, stdout } = await retort(
    project.folder,
    ['run', 'hub.json', '--run-id', 'refused'],
    { HF_ENDPOINT: hub.endpoint, ...environment },
  )
  expect(stderr).toContain(message)
  expect(stdout + stderr).not.toContain('hf_wrong')
  expect(code).toBe(2)
})

test('a run publishes its rows on the Hub, once, and a preview does not', async () => {
  const push = (repoId: string) => ({
    version: 1,
    name: 'pushed',
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', params: { data: [{ id: 1 }, { id: 2 }] } },
      { name: 'push', type: 'PushToHub', after: ['load'], params: { repoId, private: true } },
      { name: 'mix', type: 'ShuffleRows', after: ['push'] },
    ],
  })
  project.write('push.json', JSON.stringify(push('acme/made')))
  const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: hubTokens.write }
  const preview = await retort(project.folder, ['preview', 'push.json'], env)
  expect(preview.code, preview.stderr).toBe(0)
  expect(hub.repos.has('acme/made')).toBe(false)

  const refused = await retort(project.folder, ['run', 'push.json'], { ...env, HF_TOKEN: '' })
  expect(refused.stderr).toContain("Step 'push' (PushToHub) needs a token that may write")
  expect(refused.code).toBe(2)
  const denied = await runToResult(project.folder, ['push.json', '--run-id', 'push'], {
    ...env,
    HF_TOKEN: hubTokens.read,
  })
  expect(denied).toMatchObject({ status: 'stopped', error: { code: 'delivery-failed' } })

  const pushed = await runToResult(project.folder, ['push.json', '--run-id', 'push'], env)
  expect(pushed).toMatchObject({ status: 'completed', dataset: { rows: 2 } })
  const repo = hub.repos.get('acme/made')
  expect(repo?.isPrivate).toBe(true)
  const commits = repo?.commits.size
  await runToResult(project.folder, ['push.json', '--run-id', 'again'], env)
  expect(repo?.commits.size).toBe(commits)
})
