import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { runToResult } from './retort-command.ts'

const rows = 12
let project: Project
let fake: FakeServer

beforeEach(async () => {
  project = createProject()
  fake = await startFakeServer({ latencyMs: 10 })
})

afterEach(async () => {
  await fake.close()
  project.remove()
})

test('the models of a mixture keep their limits together with another step, and cost what each of them took', async () => {
  const inner = {
    type: 'OpenAILLM',
    params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
    limits: { maxConcurrency: 2, group: 'shared' },
    prices: { inputUsdPerMillion: 0, outputUsdPerMillion: 1_000_000 },
  }
  const mixture = {
    type: 'MixtureOfAgentsLLM',
    params: { aggregator: inner, proposers: [inner, inner] },
  }
  const data = Array.from({ length: rows }, (_, id) => ({ instruction: `Question ${id}?` }))
  const steps = [
    { name: 'load', type: 'LoadDataFromDicts', params: { data } },
    { name: 'mixed', type: 'TextGeneration', after: ['load'], params: { llm: mixture } },
    {
      name: 'alone',
      type: 'TextGeneration',
      after: ['load'],
      params: { llm: inner, systemPrompt: 'Be brief.' },
    },
  ]
  project.write('mix.json', JSON.stringify({ version: 1, name: 'mix', steps }))
  const result = await runToResult(project.folder, ['mix.json'], { FAKE_KEY: 'key' })
  expect(result).toMatchObject({
    status: 'completed',
    dataset: { leaves: { mixed: rows, alone: rows }, rejected: 0 },
    calls: 2 * rows,
  })
  expect(fake.stats()).toMatchObject({ answered: 4 * rows, peakInFlight: 2 })
  expect(result.costUsd).toBeCloseTo(result.tokens.output, 6)
})
