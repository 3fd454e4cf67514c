import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult } from './retort-command.ts'

const rows = 1_000
const dimensions = 1_536
const rawBytes = rows * dimensions * 4
let project: Project

beforeEach(() => {
  project = createProject()
  const texts = Array.from({ length: rows }, (_, id) => JSON.stringify({ id, text: `Text ${id}` }))
  project.write('texts.jsonl', `${texts.join('\n')}\n`)
  const embeddings = { type: 'SimulatedEmbeddings', params: { dimensions } }
  project.write(
    'vectors.json',
    JSON.stringify({
      version: 1,
      name: 'vectors',
      steps: [
        { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'texts.jsonl' } },
        { name: 'embed', type: 'EmbeddingGeneration', after: ['load'], params: { embeddings } },
      ],
    }),
  )
})

afterEach(() => project.remove())

test('vectors take no more room in journal and chunks than their floats, and are the same again', async () => {
  const first = await runToResult(project.folder, ['vectors.json', '--run-id', 'first'])
  expect(first).toMatchObject({ status: 'completed', dataset: { rows }, reusedAnswers: 0 })
  const store = join(project.folder, '.retort', 'store')
  expect(bytesIn(join(store, 'pipelines/vectors/journal'))).toBeLessThan(1.1 * rawBytes)
  expect(bytesIn(join(store, 'pipelines/vectors/chunks'))).toBeLessThan(1.1 * rawBytes)

  const again = await runToResult(project.folder, ['vectors.json', '--run-id', 'again'])
  expect(again).toMatchObject({ status: 'completed', calls: 0 })
  const [one = ''] = await readRows(project.folder, 'first')
  const { embedding } = JSON.parse(one) as { embedding: number[] }
  expect(embedding).toHaveLength(dimensions)
  expect(Math.hypot(...embedding)).toBeCloseTo(1, 4)
  expect(await readRows(project.folder, 'again')).toEqual(await readRows(project.folder, 'first'))
})

test('a model of another kind is refused with what it is for', async () => {
  const llm = { type: 'SimulatedLLM', params: {} }
  project.write(
    'wrong.json',
    JSON.stringify({
      version: 1,
      name: 'wrong',
      steps: [
        { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'texts.jsonl' } },
        {
          name: 'embed',
          type: 'EmbeddingGeneration',
          after: ['load'],
          params: { embeddings: llm },
        },
      ],
    }),
  )
  const { code, stderr } = await retort(project.folder, ['run', 'wrong.json'])
  expect(code).toBe(2)
  expect(stderr).toContain(
    "Step 'embed' (EmbeddingGeneration) needs a model that turns texts into vectors, but SimulatedLLM answers in texts.",
  )
})

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
