import type { StepContext } from 'retort'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { usableInstruction } from '../../examples/self-instruct/usable-instruction.ts'
import type { RunResult } from '../../src/core/run-report.ts'
import { createProject } from '../e2e/project.ts'
import { readRows, retort, runToResult } from '../e2e/retort-command.ts'

const file = new URL('../../examples/self-instruct/pipeline.ts', import.meta.url).pathname
const keys = { MISTRAL_API_KEY: '', OPENAI_API_KEY: '' }
const project = createProject()
let first: RunResult
beforeAll(async () => {
  first = await runToResult(project.folder, [file, '--run-id', 'first'], keys)
})
afterAll(() => project.remove())

interface SelfInstructRow {
  readonly instruction: string
  readonly generation: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

const rowsOf = async (run: string) =>
  (await readRows(project.folder, run)).map((line) => JSON.parse(line) as SelfInstructRow)

test('it makes exactly 40 different instructions with answers, and hardly asks for more', async () => {
  expect(first).toMatchObject({
    status: 'completed',
    dataset: { name: 'self-instruct', rows: 40, rejected: 0, leaves: { keep: 40 } },
  })
  // Eight samples of five at least, and 40 answers.
  expect(first.calls).toBeGreaterThanOrEqual(8 + 40)
  expect(first.calls).toBeLessThan(75)
  const rows = await rowsOf('first')
  expect(new Set(rows.map(({ instruction }) => instruction)).size).toBe(40)
  for (const row of rows) {
    expect(Object.keys(row)).toEqual([
      'instruction',
      'generation',
      'messages',
      'prompt_id',
      'model_name',
    ])
    expect(row.messages).toEqual([
      { role: 'user', content: row.instruction },
      { role: 'assistant', content: row.generation },
    ])
  }
})

test('a second run pays nothing, and makes the same rows', async () => {
  const second = await runToResult(project.folder, [file, '--run-id', 'second'], keys)
  expect(second).toMatchObject({ status: 'completed', calls: 0, reusedAnswers: first.calls })
  expect(await rowsOf('second')).toEqual(await rowsOf('first'))
})

test('what it made can be the seeds of the next dataset', async () => {
  const exported = ['export', 'first', '--format', 'jsonl', '--output', 'grown.jsonl']
  expect(await retort(project.folder, exported)).toMatchObject({ code: 0 })
  const args = [file, '--run-id', 'grown', '--set', 'sample.data=@grown.jsonl']
  const grown = await runToResult(project.folder, args, keys)
  expect(grown).toMatchObject({ status: 'completed', dataset: { rows: 40 } })
  const seeds = new Set((await rowsOf('first')).map(({ instruction }) => instruction))
  const made = await rowsOf('grown')
  expect(made.filter(({ instruction }) => !seeds.has(instruction))).toHaveLength(40)
})

test.each([
  ['Explain why bread rises.', true],
  ["'Better late than never': what does it mean?", true],
  ['¿Por qué sube el pan?', true],
  ['Why?', false],
  ['Draw a picture of a horse.', false],
  ['Describe the chart below in words.', false],
  ['- Write a poem about rain.', false],
  [`Sum up: ${'word '.repeat(200)}`, false],
])('an instruction is asked or left out: %j', async (instruction, isAsked) => {
  const context: StepContext = {
    stepName: 'usable',
    seed: 0,
    identities: ['0'],
    signal: new AbortController().signal,
    ask: async () => ({ choices: [], usage: { inputTokens: 0, outputTokens: 0 }, model: '' }),
  }
  const params = { minWords: 4, maxWords: 150 }
  const made = usableInstruction.definition.process([{ instruction }], params, context)
  expect(await Array.fromAsync(made)).toEqual([isAsked ? {} : []])
})
