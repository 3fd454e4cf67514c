import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { png } from '../models/images.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, runToResult } from './retort-command.ts'

const env = { FAKE_KEY: 'key' }
let project: Project
let fake: FakeServer
const shown: unknown[] = []

beforeEach(async () => {
  shown.length = 0
  project = createProject()
  fake = await startFakeServer({
    answer: () => 'A retort.',
    respond: ({ body }) => void shown.push((body as { messages: unknown }).messages),
  })
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

const llm = () => ({
  type: 'OpenAILLM',
  params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
})

test('images that a step makes are files in the store, which a model behind it is shown', async () => {
  const steps = [
    {
      name: 'load',
      type: 'LoadDataFromDicts',
      params: { data: [{ prompt: 'A retort', instruction: 'What is it?' }] },
    },
    {
      name: 'paint',
      type: 'ImageGeneration',
      after: ['load'],
      params: { imageGenerationModel: { type: 'SimulatedImageGeneration', params: {} } },
    },
    {
      name: 'look',
      type: 'TextGenerationWithImage',
      after: ['paint'],
      params: { llm: llm(), imageType: 'file' },
    },
  ]
  project.write('paint.json', JSON.stringify({ version: 1, name: 'paint', steps }))
  const result = await runToResult(project.folder, ['paint.json', '--run-id', 'one'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 1, rejected: 0 } })
  const [line = ''] = await readRows(project.folder, 'one')
  const { image, generation } = JSON.parse(line) as { image: string; generation: string }
  expect(generation).toBe('A retort.')
  expect(image).toMatch(/^store:images\/[0-9a-f]{2}\/[0-9a-f]{64}\.png$/)
  const file = join(project.folder, '.retort', 'store', image.slice('store:'.length))
  const bytes = readFileSync(file)
  expect(JSON.stringify(shown)).toContain(`data:image/png;base64,${bytes.toString('base64')}`)

  const again = await runToResult(project.folder, ['paint.json', '--run-id', 'two'], env)
  expect(again).toMatchObject({ calls: 0, reusedAnswers: 2 })
})

test('an image that is missing or none rejects its row alone', async () => {
  writeFileSync(join(project.folder, 'text.png'), 'no image')
  writeFileSync(join(project.folder, 'dot.png'), png)
  const data = ['missing.png', 'text.png', 'dot.png'].map((image) => ({
    image,
    instruction: 'What is it?',
  }))
  const steps = [
    { name: 'load', type: 'LoadDataFromDicts', params: { data } },
    {
      name: 'look',
      type: 'TextGenerationWithImage',
      after: ['load'],
      params: { llm: llm(), imageType: 'file' },
    },
  ]
  project.write('look.json', JSON.stringify({ version: 1, name: 'look', steps }))
  const result = await runToResult(project.folder, ['look.json', '--run-id', 'one'], env)
  expect(result).toMatchObject({ status: 'completed', dataset: { rows: 1, rejected: 2 } })
})
