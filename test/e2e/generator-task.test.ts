import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createCliProject } from '../cli/cli-project.ts'
import type { Project } from './project.ts'
import { readRows, runToResult, startRetort } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

const env = { FAKE_KEY: 'key' }
let project: Project
let fake: FakeServer

beforeEach(async () => {
  project = createCliProject()
  fake = await startFakeServer({ latencyMs: 20, answer: (prompt) => `Verse on ${prompt}` })
  const { url } = fake
  project.write(
    'verses.ts',
    `
import { Pipeline, defineGeneratorTask, openai, user } from 'retort'
import { z } from 'zod'

const verses = defineGeneratorTask({
  type: 'Verses',
  outputs: z.object({ verse: z.string() }),
  formatInput: ({ random }) => [user('Write about number ' + random() + '.')],
  formatOutput: (text) => ({ verse: text }),
})
const llm = openai({
  model: 'fake',
  baseURL: '${url}/v1',
  apiKeyEnv: 'FAKE_KEY',
  limits: { maxConcurrency: 10 },
})
export default Pipeline.from('verses', verses({ llm, numRows: 300 }), { step: 'verse' })
`,
  )
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

const versesOf = async (run: string) =>
  (await readRows(project.folder, run)).map((line) => (JSON.parse(line) as { verse: string }).verse)

test('after kill -9 a task that begins a pipeline goes on, asks nothing that was stored again, and keeps its limit', async () => {
  const args = ['verses.ts', '--run-id', 'killed']
  const going = startRetort(project.folder, ['run', ...args], env)
  await waitUntil(() => fake.stats().answered > 200, 'most answers')
  going.child.kill('SIGKILL')
  await going.ended
  const { answered: before, peakInFlight } = fake.stats()
  expect(peakInFlight).toBeLessThanOrEqual(10)

  const result = await runToResult(project.folder, args, env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 300, rejected: 0 } })
  const { answered, duplicates } = fake.stats()
  expect(answered).toBeGreaterThan(before)
  expect(answered - duplicates).toBe(300)
  // What was in flight, and what was younger than a flush of the journal.
  expect(duplicates).toBeLessThanOrEqual(8 * 10)
  expect(new Set(await versesOf('killed')).size).toBe(300)
})

test('more rows leave the first ones as they were, and only those that are new are asked for', async () => {
  const run = async (id: string, numRows: number) =>
    await runToResult(
      project.folder,
      ['verses.ts', '--run-id', id, '--set', `verse.numRows=${numRows}`],
      env,
    )
  expect(await run('few', 70)).toMatchObject({ calls: 70, reusedAnswers: 0 })
  expect(await run('many', 130)).toMatchObject({ calls: 60, reusedAnswers: 70 })
  expect(await run('fewer', 20)).toMatchObject({ calls: 0, reusedAnswers: 20 })
  expect(fake.stats()).toMatchObject({ answered: 130, duplicates: 0 })
  const verses = await versesOf('many')
  expect(new Set(verses).size).toBe(130)
  expect(verses.slice(0, 70)).toEqual(await versesOf('few'))
  expect(verses.slice(0, 20)).toEqual(await versesOf('fewer'))
})

test('rows with equal prompts get an answer each, unless they are to share one', async () => {
  fake.set({ answer: () => 'The same.' })
  const same = `
import { Pipeline, defineGeneratorTask, openai, user } from 'retort'
import { z } from 'zod'

const verses = defineGeneratorTask({
  type: 'Verses',
  outputs: z.object({ verse: z.string() }),
  formatInput: () => [user('Write a verse.')],
  formatOutput: (text) => ({ verse: text }),
})
const llm = openai({ model: 'fake', baseURL: '${fake.url}/v1', apiKeyEnv: 'FAKE_KEY' })
export default Pipeline.from('same', verses({ llm, numRows: 20 }), { step: 'verse' })
`
  project.write('same.ts', same)
  const each = await runToResult(project.folder, ['same.ts', '--run-id', 'each'], env)
  expect(each).toMatchObject({ calls: 20, sharedAnswers: 0, dataset: { rows: 20 } })
  const args = ['same.ts', '--run-id', 'one', '--set', 'verse.resample=false']
  const one = await runToResult(project.folder, args, env)
  expect(one).toMatchObject({ calls: 1, sharedAnswers: 19, dataset: { rows: 20 } })
})
