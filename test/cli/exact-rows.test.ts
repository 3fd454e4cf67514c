import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { PipelineInfo } from '../../src/index.ts'
import type { Project } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'
import { createCliProject } from './cli-project.ts'

const llm = { type: 'SimulatedLLM', params: {} }
const load = {
  name: 'load',
  type: 'LoadDataFromDicts',
  // Every other question was asked before.
  params: {
    data: Array.from({ length: 40 }, (_, id) => ({ id, instruction: `Q${Math.floor(id / 2)}` })),
  },
}
const distinct = {
  name: 'distinct',
  type: 'DeduplicateRows',
  after: ['load'],
  params: { columns: ['instruction'] },
}
const ask = { name: 'ask', type: 'TextGeneration', after: ['distinct'], params: { llm } }

function spec(name: string, rows: object | undefined, steps: readonly object[]): string {
  return JSON.stringify({ version: 1, name, ...(rows === undefined ? {} : { rows }), steps })
}

const poems = `
import { Pipeline, defineGeneratorTask, simulated, user } from 'retort'
import { z } from 'zod'

export const poems = defineGeneratorTask({
  type: 'Poems',
  outputs: z.object({ poem: z.string() }),
  formatInput: ({ random }) => [user('Write poem ' + Math.floor(random() * 1000) + '.')],
  formatOutput: (text) => ({ poem: text }),
})
`

let project: Project
beforeAll(() => {
  project = createCliProject()
  project.write('exact.json', spec('exact', { accepted: 7, atMost: 30 }, [load, distinct, ask]))
  project.write(
    'poems.ts',
    `${poems}export default Pipeline.from('poems', poems({ llm: simulated() })).rows({ accepted: 6, atMost: 25 })`,
  )
  project.write(
    'twelve.ts',
    `${poems}export default Pipeline.from('twelve', poems({ llm: simulated(), numRows: 12 }))`,
  )
  project.write(
    'countless.ts',
    `${poems}export default Pipeline.from('x', poems({ llm: simulated() }))`,
  )
})
afterAll(() => project.remove())

async function info(file: string): Promise<PipelineInfo> {
  const { stdout, stderr } = await retort(project.folder, ['info', file, '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as PipelineInfo
}

test('info shows how many rows are to be made, and what that takes at most', async () => {
  const { stdout } = await retort(project.folder, ['info', 'exact.json'])
  for (const line of [
    /^Exactly 7 rows, out of at most 30 source rows$/m,
    /^load +generator +LoadDataFromDicts +– +at most 30$/m,
    /^ask +at most 30 +at most 30 +at most 90 /m,
    /^Source rows are taken in waves until 7 rows have passed every step, 30 at most; /m,
  ])
    expect(stdout).toMatch(line)
  const unlikely = spec('exact', { accepted: 50, atMost: 60 }, [load, distinct, ask])
  project.write('unlikely.json', unlikely)
  expect((await info('unlikely.json')).notes).toContainEqual(
    'Only 40 source rows can be taken for 50 rows; unless a step makes several rows of one, the run will fail.',
  )
})

test('info counts the calls and prompts of a task that begins a pipeline', async () => {
  const twelve = await info('twelve.ts')
  expect(twelve.target).toBeNull()
  expect(twelve.estimate.rows).toEqual({ count: 12, certainty: 'estimated' })
  expect(twelve.steps).toMatchObject([
    { kind: 'generator', calls: { rows: { count: 12, certainty: 'exact' }, calls: 12 } },
  ])
  expect(twelve.steps[0]?.calls?.inputTokens).toBeGreaterThan(20)
  const made = await info('poems.ts')
  expect(made).toMatchObject({
    target: { accepted: 6, atMost: 25 },
    steps: [{ calls: { rows: { count: 25, certainty: 'at-most' }, calls: 25 } }],
  })
  const numRows = made.steps[0]?.params.find(({ path }) => path.endsWith('.numRows'))
  expect(numRows).toMatchObject({ default: 25, isRequired: false })
  const { stdout } = await retort(project.folder, ['info', 'poems.ts'])
  expect(stdout).toMatch(/^load +generator, task, leaf +Poems +– +at most 25$/m)
})

test('a task that begins a pipeline is printed, drawn and previewed, and says what it lacks', async () => {
  for (const file of ['poems.ts', 'countless.ts'])
    expect(await retort(project.folder, ['task', 'print', file])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\[user\]\nWrite poem \d+\.\n$/),
    })
  const drawn = await retort(project.folder, ['draw', 'poems.ts'])
  expect(drawn.stdout).toContain('s0[/"load<br/>Poems<br/>simulated"/]')
  const shown = await retort(project.folder, ['preview', 'poems.ts', '--rows', '2'])
  expect(shown.stdout.match(/── row \d · load \(Poems\) ──/g)).toHaveLength(2)
  for (const command of ['run', 'info', 'preview'])
    expect(await retort(project.folder, [command, 'countless.ts'])).toMatchObject({
      code: 2,
      stderr: "error: Step 'load' makes rows of its own; its parameter 'numRows' says how many.\n",
    })
})

test('the end of a run, show and the card say how many source rows were needed', async () => {
  const ended = await retort(project.folder, ['run', 'exact.json', '--run-id', 'exact'])
  // Two source rows a question; the last wave took a few more.
  const [, needed] = /completed: 7 rows out of (\d+) source rows, /.exec(ended.stderr) ?? []
  expect(Number(needed)).toBeGreaterThanOrEqual(13)
  expect(Number(needed)).toBeLessThan(25)
  const shown = await retort(project.folder, ['show', 'exact'])
  expect(shown.stdout).toMatch(new RegExp(`^rows +7 out of ${needed} source rows$`, 'm'))
  const result = JSON.parse((await retort(project.folder, ['show', 'exact', '--json'])).stdout)
  expect(result).toMatchObject({ dataset: { rows: 7, sourceRows: Number(needed) } })
  const card = join(project.folder, '.retort/store/datasets/exact/exact/README.md')
  expect(readFileSync(card, 'utf8')).toContain(
    `| Source rows | ${needed}, as many as were needed for so many rows |`,
  )
  const ids = (await readRows(project.folder, 'exact')).map(
    (line) => (JSON.parse(line) as { id: number }).id,
  )
  expect(ids).toEqual([0, 2, 4, 6, 8, 10, 12])
})

test('where too few pass, the same run goes on with a higher limit and pays nothing twice', async () => {
  const run = ['few.json', '--run-id', 'few']
  const ofSome = (atMost: number) =>
    project.write('few.json', spec('few', { accepted: 15, atMost }, [load, distinct, ask]))
  ofSome(20)
  const failed = await retort(project.folder, ['run', ...run])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain(
    "error: Only 10 of 15 rows were accepted out of 20 source rows. Raise 'atMost' above 20, or ask for fewer; what was asked so far is not paid again.\n",
  )
  ofSome(40)
  const result = await runToResult(project.folder, run)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 15 } })
  expect(result.calls).toBeLessThanOrEqual(20)
  ofSome(60)
  expect(await runToResult(project.folder, run)).toMatchObject({ calls: result.calls })
})

test('a dataset without rows is one, and the end of the run and show say why', async () => {
  const few = { name: 'few', type: 'LimitRows', after: ['load'], params: { limit: 3, offset: 90 } }
  project.write('none.json', spec('none', undefined, [load, few, { ...ask, after: ['few'] }]))
  const { code, stderr } = await retort(project.folder, ['run', 'none.json', '--run-id', 'none'])
  expect(code).toBe(0)
  expect(stderr).toContain('  empty     no row passed every step\n')
  const shown = await retort(project.folder, ['show', 'none'])
  expect(shown.stdout).toMatch(/^rows +0: no row passed every step$/m)
})
