import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createCliProject } from '../cli/cli-project.ts'
import type { Project } from '../e2e/project.ts'

let project: Project

beforeAll(() => {
  project = createCliProject()
})
afterAll(() => project.remove())

const imports = `import { Pipeline, RetortError, defineTask, loadDataFromDicts, simulated, startRun, user } from 'retort'
import { z } from 'zod'
const shout = defineTask({
  type: 'Shout',
  inputs: z.object({ word: z.string() }),
  outputs: z.object({ loud: z.string() }),
  formatInput: (row) => [user('Shout ' + row.word)],
  formatOutput: (text) => ({ loud: text.toUpperCase() }),
  example: (row) => row.word,
})
const pipeline = Pipeline.from('shouts', loadDataFromDicts([{ word: 'hello' }, { word: 'bye' }]))
  .step('shout', shout({ llm: simulated() }))
`

/** Runs a program of a user's to its own end: nothing that this package opened may keep it. */
async function runProgram(name: string, text: string): Promise<unknown> {
  const file = project.write(name, `${imports}${text}`)
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    cwd: project.folder,
    env: { ...process.env, RETORT_KEEPER_GRACE_MS: '2000' },
  })
  return JSON.parse(stdout)
}

test('a program runs pipelines one after the other, reads their rows, and ends', async () => {
  const read = await runProgram(
    'two-runs.ts',
    `const loud: string[] = []
const ids: string[] = []
for (const runId of ['one', 'two']) {
  const run = await startRun(pipeline, { runId })
  const { dataset } = await run.result()
  for await (const row of dataset.rows()) loud.push(row.loud)
  ids.push(run.runId, dataset.manifest.version)
}
console.log(JSON.stringify({ loud, ids }))`,
  )
  expect(read).toEqual({
    loud: ['HELLO', 'BYE', 'HELLO', 'BYE'],
    ids: ['one', 'one', 'two', 'two'],
  })
})

test('pipelines run at the same time in one program', async () => {
  const read = await runProgram(
    'at-once.ts',
    `const other = Pipeline.from('others', loadDataFromDicts([{ word: 'x' }])).step('shout', shout({ llm: simulated() }))
const runs = await Promise.all([startRun(pipeline), startRun(other)])
const results = await Promise.all(runs.map((run) => run.result()))
console.log(JSON.stringify(results.map(({ status, dataset }) => [status, dataset.manifest.name])))`,
  )
  expect(read).toEqual([
    ['completed', 'shouts'],
    ['completed', 'others'],
  ])
})

test('the result of a run that did not complete rejects with what stopped it', async () => {
  const read = await runProgram(
    'interrupted.ts',
    `const run = await startRun(pipeline, { runId: 'left' })
await run.interrupt()
const told = await run.result().catch((error) => [error instanceof RetortError, error.data.status])
const wrong = await startRun(pipeline, { maxRows: 0 }).catch((error) => error.code)
console.log(JSON.stringify({ told, wrong }))`,
  )
  expect(read).toEqual({ told: [true, 'interrupted'], wrong: 'usage' })
})
