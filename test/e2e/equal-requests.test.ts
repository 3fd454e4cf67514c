import { afterAll, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { runToResult } from './retort-command.ts'

let fake: FakeServer
let project: Project

beforeAll(async () => {
  fake = await startFakeServer({ answer: (_, { index }) => `answer ${index}` })
  project = createProject()
  const rows = ['a', 'b', 'a', 'c', 'a', 'b'].map((instruction) => JSON.stringify({ instruction }))
  project.write('rows.jsonl', `${rows.join('\n')}\n`)
  const spec = {
    version: 1,
    name: 'equal',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'rows.jsonl' } },
      {
        name: 'answer',
        type: 'TextGeneration',
        after: ['load'],
        params: {
          inputBatchSize: 2,
          llm: {
            type: 'OpenAILLM',
            params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
          },
        },
      },
    ],
  }
  project.write('pipeline.json', JSON.stringify(spec))
})

afterAll(async () => {
  await fake.close()
  project.remove()
})

async function run(...args: string[]) {
  fake.resetStats()
  return await runToResult(project.folder, ['pipeline.json', ...args], { FAKE_KEY: 'key' })
}

test('rows with equal prompts share one answer, which is paid once, and the run says so', async () => {
  const result = await run('--run-id', 'shared')
  expect(fake.stats().answered).toBe(3)
  expect(result).toMatchObject({ calls: 3, sharedAnswers: 3, reusedAnswers: 0 })
})

test('with resample each of them gets an answer of its own, which is kept as any other', async () => {
  const resample = ['--set', 'answer.resample=true']
  expect(await run('--run-id', 'resampled', ...resample)).toMatchObject({
    calls: 6,
    sharedAnswers: 0,
  })
  const again = await run('--run-id', 'again', ...resample, '--set', 'answer.inputBatchSize=4')
  expect(fake.stats().answered).toBe(0)
  expect(again).toMatchObject({ calls: 0, reusedAnswers: 6 })
})
