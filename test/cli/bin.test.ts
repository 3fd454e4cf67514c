import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startRetort } from '../e2e/retort-command.ts'
import { waitUntil } from '../e2e/wait-until.ts'
import { createProject } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let project: Project
/** Makes the first Node that starts say that it is an old one; those that it starts are what they are. */
let asOldNode: NodeJS.ProcessEnv

beforeEach(() => {
  project = createProject()
  const disguise = project.write(
    'disguise.mjs',
    `if (process.env.DISGUISED !== 'yes') {
      process.env.DISGUISED = 'yes'
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } })
    }`,
  )
  asOldNode = { NODE_OPTIONS: `--import=${disguise}` }
})
afterEach(() => project.remove())

/** A copy of the command that has no built code beside it, and no Node. */
function copyBin(): string {
  mkdirSync(join(project.folder, 'bin'))
  writeFileSync(join(project.folder, 'package.json'), '{ "type": "module" }')
  copyFileSync(join(root, 'bin/retort.js'), join(project.folder, 'bin/retort.js'))
  return join(project.folder, 'bin/retort.js')
}

test('an old Node without a newer one at hand is told in one sentence', () => {
  const ended = spawnSync(process.execPath, [copyBin(), 'run', 'pipeline.ts'], {
    encoding: 'utf8',
    env: { ...process.env, ...asOldNode },
  })
  expect(ended).toMatchObject({ status: 2, stdout: '' })
  expect(ended.stderr).toMatch(
    /^error: Retort needs Node 22\.19 or newer, and this is 20\.11\.1; .*\n$/,
  )
})

test('an old Node hands over to the one of the package node, with exit code and output', async () => {
  const going = startRetort(project.folder, ['export', '--format', 'xlsx'], asOldNode)
  const { code, stderr } = await going.ended
  expect(code).toBe(2)
  expect(stderr).toContain('Allowed choices are jsonl, csv, parquet')
})

test('signals reach the command below an old Node', async () => {
  const going = startRetort(project.folder, ['dev'], asOldNode)
  await waitUntil(() => going.output().stderr.includes('task queue'), 'the worker')
  going.child.kill('SIGTERM')
  expect(await going.ended).toMatchObject({ code: 0, signal: null })
})

test('a checkout that was not built says what to run', () => {
  const ended = spawnSync(process.execPath, [copyBin()], { encoding: 'utf8' })
  expect(ended).toMatchObject({ status: 2, stdout: '' })
  expect(ended.stderr).toBe(
    'error: Retort is not built in this folder: run `npm run build` there first.\n',
  )
})

test('no warning of Node about experiments reaches the user', () => {
  const script = `process.emitWarning('trying', 'ExperimentalWarning'); process.emitWarning('told')`
  const preload = project.write('warn.mjs', `setTimeout(() => { ${script} }, 0)`)
  const ended = spawnSync(
    process.execPath,
    ['--import', preload, join(root, 'bin/retort.js'), '-V'],
    {
      encoding: 'utf8',
    },
  )
  expect(ended.stderr).not.toContain('trying')
  rmSync(preload)
})
