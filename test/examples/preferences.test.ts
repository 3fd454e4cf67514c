import { afterAll, expect, test } from 'vitest'

import { chooseAnswerers } from '../../examples/preferences/answerers.ts'
import pipeline from '../../examples/preferences/pipeline.ts'
import { principledAnswer } from '../../examples/preferences/principled-answer.ts'
import { createProject } from '../e2e/project.ts'
import { readRows, runToResult } from '../e2e/retort-command.ts'

const project = createProject()
afterAll(() => project.remove())

interface PreferenceRow {
  readonly prompt: string
  readonly chosen_model: string
  readonly rejected_model: string
  readonly chosen_rating: number
  readonly rejected_rating: number
}

test('it makes pairs of a better and a worse answer, of two models for each instruction', async () => {
  const file = new URL('../../examples/preferences/pipeline.ts', import.meta.url).pathname
  const keys = { MISTRAL_API_KEY: '', OPENAI_API_KEY: '' }
  const result = await runToResult(project.folder, [file, '--run-id', 'pairs'], keys)
  expect(result).toMatchObject({
    status: 'completed',
    calls: 3 * 20,
    dataset: { name: 'preferences', rows: 20, rejected: 0 },
  })
  const rows = (await readRows(project.folder, 'pairs')).map(
    (line) => JSON.parse(line) as PreferenceRow,
  )
  const models = new Set<string>()
  for (const row of rows) {
    expect(row.chosen_rating).toBeGreaterThan(row.rejected_rating)
    expect(row.chosen_model).not.toBe(row.rejected_model)
    models.add(row.chosen_model).add(row.rejected_model)
  }
  expect([...models].toSorted()).toEqual(['copper', 'gold', 'silver', 'tin'])
})

test('models are those that there is a key for', () => {
  const typesFor = (environment: NodeJS.ProcessEnv) =>
    Object.values(chooseAnswerers(environment)).map(({ type }) => type)
  expect(new Set(typesFor({ MISTRAL_API_KEY: 'a', OPENAI_API_KEY: 'b' }))).toEqual(
    new Set(['MistralLLM']),
  )
  expect(new Set(typesFor({ OPENAI_API_KEY: 'b' }))).toEqual(new Set(['OpenAILLM']))
  expect(new Set(typesFor({}))).toEqual(new Set(['SimulatedLLM']))
})

test('each model is told its principle', () => {
  const { llm } = pipeline.spec.steps.find(({ name }) => name === 'judge')?.params ?? {}
  expect(llm).toBeDefined()
  const task = principledAnswer({ llm: chooseAnswerers({}).concise, principle: 'concise' })
  expect(task.print({ instruction: 'Why?' })).toContain('as few words as the question allows')
})
