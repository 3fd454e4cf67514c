import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { runToResult } from './retort-command.ts'

const rowCount = 40
let project: Project
let fake: FakeServer

beforeAll(async () => {
  fake = await startFakeServer({ answer: (prompt) => `Answer to ${prompt}` })
  project = createProject()
  const rows = Array.from({ length: rowCount }, (_, id) => JSON.stringify({ id }))
  project.write('prompts.jsonl', `${rows.join('\n')}\n`)
})
afterAll(async () => {
  await fake.close()
  project.remove()
})

/** Two branches that are judged together, and one that is shuffled and asked about again. */
function spec(edited: Readonly<Record<string, string>> = {}): string {
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
  }
  const ask = (name: string, after: string, output: string): StepSpec => ({
    name,
    type: 'TextGeneration',
    after: [after],
    outputs: { generation: output },
    params: { llm, columns: ['id'], template: `${edited[name] ?? name} {{ id }}` },
  })
  const steps: StepSpec[] = [
    { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
    ask('a', 'load', 'answer'),
    ask('b', 'load', 'answer'),
    {
      name: 'group',
      type: 'GroupColumns',
      after: ['a', 'b'],
      params: { columns: ['answer'], outputColumns: ['answers'] },
    },
    ask('judge', 'group', 'verdict'),
    ask('c', 'load', 'draft'),
    { name: 'mix', type: 'ShuffleRows', after: ['c'] },
    ask('d', 'mix', 'final'),
  ]
  return JSON.stringify({ version: 1, name: 'edited', steps })
}

/** Which steps have stored rows since a run, by the folders of the store. */
function stored(): ReadonlyMap<string, number> {
  const folder = join(project.folder, '.retort/store')
  const signatures = new Map<string, string>()
  for (const run of readdirSync(join(folder, 'runs'))) {
    const plan = JSON.parse(readFileSync(join(folder, 'runs', run, 'plan.json'), 'utf8')) as Plan
    for (const { name, signature } of plan.steps) signatures.set(signature, name)
  }
  const counts = new Map<string, number>()
  for (const kind of ['chunks', 'sets']) {
    const at = join(folder, 'pipelines/edited', kind)
    for (const signature of readdirSync(at)) {
      const files = readdirSync(join(at, signature), { recursive: true, withFileTypes: true })
      const name = signatures.get(signature) ?? signature
      const objects = files.filter((file) => file.isFile()).length
      counts.set(name, (counts.get(name) ?? 0) + objects)
    }
  }
  return counts
}

async function runEdited(run: string, edited: Readonly<Record<string, string>>) {
  const before = stored()
  const answered = fake.stats().answered
  project.write('pipeline.json', spec(edited))
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', run], {
    FAKE_KEY: 'key',
  })
  expect(result).toMatchObject({ status: 'completed' })
  const grown = [...stored()].filter(([name, count]) => count > (before.get(name) ?? 0))
  const { calls } = result
  expect(fake.stats().answered - answered).toBe(calls)
  return { calls, grown: grown.map(([name]) => name).toSorted() }
}

test('an edited step runs again with what comes after it, and nothing else', async () => {
  project.write('pipeline.json', spec())
  const first = await runToResult(project.folder, ['pipeline.json'], { FAKE_KEY: 'key' })
  expect(first).toMatchObject({ status: 'completed', calls: 5 * rowCount })

  expect(await runEdited('same', {})).toEqual({ calls: 0, grown: [] })
  expect(await runEdited('last', { judge: 'rate' })).toEqual({ calls: rowCount, grown: ['judge'] })
  // Its answers differ, so that what reads them is asked for anew; but prompts here hold the id alone.
  expect(await runEdited('branch', { b: 'other' })).toEqual({
    calls: rowCount,
    grown: ['b', 'group', 'judge'],
  })
  // Behind the barrier rows are told apart by their content, which has changed.
  expect(await runEdited('before-it', { c: 'draft' })).toEqual({
    calls: rowCount,
    grown: ['c', 'd', 'mix'],
  })
  expect(await runEdited('behind-it', { d: 'final' })).toEqual({ calls: rowCount, grown: ['d'] })
})
