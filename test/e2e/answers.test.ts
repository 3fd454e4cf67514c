import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult } from './retort-command.ts'

const env = { FAKE_KEY: 'key' }
const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer', minimum: 1 } },
  required: ['city', 'people'],
}
let project: Project
let fake: FakeServer
const bodies: JsonObject[] = []

beforeEach(async () => {
  bodies.length = 0
  project = createProject()
  fake = await startFakeServer({ respond: ({ body }) => void bodies.push(body as JsonObject) })
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

/** A pipeline of one task over two rows. */
function write(params: JsonObject): void {
  const llm = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
  }
  const data = ['one', 'two'].map((instruction) => ({ instruction }))
  const steps = [
    { name: 'load', type: 'LoadDataFromDicts', params: { data } },
    { name: 'ask', type: 'TextGeneration', after: ['load'], params: { llm, ...params } },
  ]
  project.write('ask.json', JSON.stringify({ version: 1, name: 'ask', steps }))
}

test('an answer of a form is mended or asked for again, and rows hold its JSON', async () => {
  let asked = 0
  fake.set({
    answer: () =>
      asked++ === 0
        ? 'It is {"city": "Ghent", "people": 0}.'
        : '```json\n{"city": "Ghent", "people": 265000,}\n```',
  })
  write({ structuredOutput: { format: 'json', schema } })
  const result = await runToResult(project.folder, ['ask.json', '--run-id', 'one'], env)
  expect(result).toMatchObject({ status: 'completed', calls: 3, dataset: { rows: 2 } })
  const rows = await readRows(project.folder, 'one')
  const texts = rows.map((row) => (JSON.parse(row) as { generation: string }).generation)
  expect(texts).toEqual(Array(2).fill('{"city":"Ghent","people":265000}'))
})

test('a schema that is none is refused before any call', async () => {
  write({ structuredOutput: { format: 'json', schema: { type: 'thing' } } })
  const { code, stderr } = await retort(project.folder, ['run', 'ask.json'], env)
  expect(code).toBe(2)
  expect(stderr).toMatch(/'structuredOutput' of step 'ask'/)
  expect(fake.stats().answered).toBe(0)
})

test('several samples of a row come with one call where the provider gives several answers', async () => {
  write({ numGenerations: 3 })
  const result = await runToResult(project.folder, ['ask.json', '--run-id', 'many'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 6, rejected: 0 } })
  expect(bodies.map(({ n }) => n)).toEqual([3, 3])
  expect(result).toMatchObject({ calls: 2 })
  const again = await runToResult(project.folder, ['ask.json', '--run-id', 'again'], env)
  expect(again).toMatchObject({ calls: 0, reusedAnswers: 6 })
  expect(bodies).toHaveLength(2)
})

test('one sample more costs one call a row', async () => {
  write({ numGenerations: 2 })
  await runToResult(project.folder, ['ask.json', '--run-id', 'two'], env)
  write({ numGenerations: 3 })
  const result = await runToResult(project.folder, ['ask.json', '--run-id', 'three'], env)
  expect(result).toMatchObject({ calls: 2, reusedAnswers: 4, dataset: { rows: 6 } })
  expect(bodies.map(({ n = 1 }) => n)).toEqual([2, 2, 1, 1])
})
