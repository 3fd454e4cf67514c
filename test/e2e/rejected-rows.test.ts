import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeCall } from '../../bench/fake-server/fake-options.ts'
import type { RunResult } from '../../src/core/run-report.ts'
import { createCliProject, simulatedPipeline } from '../cli/cli-project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult } from './retort-command.ts'

const rowCount = 60
const env = { FAKE_KEY: 'key' }
let project: Project
let fake: FakeServer

/** A task whose parser takes numbers alone. */
const rating = (parse: string) => `
import { Pipeline, defineTask, loadDataFromFileSystem, openai, user } from 'retort'
import { z } from 'zod'

const rate = defineTask({
  type: 'Rate',
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ rating: z.number() }),
  formatInput: (row) => [user('Rate: ' + row.text)],
  formatOutput(text) {
    ${parse}
    if (Number.isNaN(rating)) throw new Error("'" + text + "' is no number.")
    return { rating }
  },
})

const texts = loadDataFromFileSystem({ dataFiles: 'texts.jsonl', columns: z.object({ id: z.number(), text: z.string() }) })
const llm = openai({ model: 'fake', baseURL: '${fake.url}/v1', apiKeyEnv: 'FAKE_KEY' })
export default Pipeline.from('ratings', texts).step('rate', rate({ llm, inputBatchSize: 7 }))
`

beforeEach(async () => {
  fake = await startFakeServer({})
  project = createCliProject()
  const lines = Array.from({ length: rowCount }, (_, id) =>
    JSON.stringify({ id, text: `Text ${id}` }),
  )
  project.write('texts.jsonl', `${lines.join('\n')}\n`)
  project.write('pipeline.ts', rating('const rating = Number(text)'))
})
afterEach(async () => {
  await fake.close()
  project.remove()
})

/** Number of the row that a call asks about, and how often its answer did not hold before. */
function askedFor({ body }: FakeCall): { readonly id: number; readonly reask: number } {
  const { messages } = body as { readonly messages: readonly { readonly content: string }[] }
  return {
    id: Number(/\d+/.exec(messages[0]?.content ?? '')?.[0]),
    reask: (messages.length - 1) / 2,
  }
}

/** Answers with the row's number, but in words for some rows. */
function answerInWords(isInWords: (id: number, reask: number) => boolean): void {
  fake.set({
    answer: (_prompt, call) => {
      const { id, reask } = askedFor(call)
      return isInWords(id, reask) ? `about ${id}` : `${id}`
    },
  })
}

async function readRejected(run: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { stdout } = await retort(project.folder, [
    'rows',
    run,
    '--rejected',
    '--limit',
    '100',
    '--json',
  ])
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const retry = (...args: readonly string[]) =>
  retort(project.folder, ['retry-rejected', ...args, '--json'], env)

async function retryToResult(...args: readonly string[]): Promise<RunResult> {
  const { stdout, stderr } = await retry(...args)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as RunResult
}

test('answers that do not hold are asked for again, and what never holds is rejected with its last answer', async () => {
  answerInWords((id, reask) => (id % 10 === 1 && reask < 2) || id % 20 === 5)
  const result = await runToResult(project.folder, ['pipeline.ts', '--run-id', 'asked'], env)
  const calls = rowCount + 6 * 2 + 3 * 2
  expect(result).toMatchObject({
    status: 'completed',
    calls,
    dataset: { rows: rowCount - 3, rejected: 3 },
  })
  expect(fake.stats()).toMatchObject({ answered: calls, duplicates: 0 })
  expect(await readRejected('asked')).toEqual(
    [5, 25, 45].map((id) => ({
      step: 'rate',
      origin: `${id}`,
      code: 'output-invalid',
      reason: `'about ${id}' is no number (asked 3 times).`,
      raw_answer: `about ${id}`,
      row: { id, text: `Text ${id}` },
    })),
  )
  const shown = await retort(project.folder, ['show', 'asked'])
  expect(shown.stdout).toMatch(
    /rejected +3 \(3 output-invalid\).*rows asked --rejected.*retry-rejected asked/,
  )
  const { stdout } = await retort(project.folder, ['rows', 'asked', '--rejected', '--limit', '1'])
  expect(stdout).toContain("reason      'about 5' is no number (asked 3 times).")
  expect(stdout).toContain('raw_answer  about 5')
})

test('a part of cut-off answers costs no row', async () => {
  fake.set({ cutOffShare: 0.2 })
  answerInWords(() => false)
  const result = await runToResult(
    project.folder,
    ['pipeline.ts', '--run-id', 'cut', '--set', 'rate.maxReasks=8'],
    env,
  )
  expect(result).toMatchObject({ dataset: { rows: rowCount, rejected: 0 } })
  expect(result.calls).toBe(fake.stats().answered)
  expect(result.calls).toBeGreaterThan(rowCount)
})

test('retry-rejected asks for the rejected rows alone, and makes a new version with all the others as they were', async () => {
  answerInWords((id) => id % 20 === 5)
  await runToResult(project.folder, ['pipeline.ts', '--run-id', 'monday', '--max-rows', '50'], env)
  const before = new Map(
    (await readRows(project.folder, 'monday')).map((line) => [
      (JSON.parse(line) as { id: number }).id,
      line,
    ]),
  )
  expect([...before.keys()]).not.toContain(45)

  // One of them holds at once, one when it is asked for again, and one not yet. Neither source nor folder is there any longer.
  answerInWords((id, reask) => (id === 25 && reask === 0) || id === 45)
  rmSync(join(project.folder, 'texts.jsonl'))
  fake.resetStats()
  const second = await retryToResult('monday', 'pipeline.ts')
  expect(second).toMatchObject({
    runId: 'monday.r2',
    status: 'completed',
    calls: 1 + 2 + 3,
    reusedAnswers: 47,
    dataset: { version: 'monday.r2', rows: 49, rejected: 1 },
  })
  expect(fake.stats()).toMatchObject({ answered: 6 })

  answerInWords(() => false)
  fake.resetStats()
  const third = await retryToResult('monday', 'pipeline.ts')
  expect(third).toMatchObject({ runId: 'monday.r3', calls: 1, dataset: { rows: 50, rejected: 0 } })
  expect(fake.stats()).toMatchObject({ answered: 1 })
  const after = await readRows(project.folder, 'monday.r3')
  expect(after.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(
    Array.from({ length: 50 }, (_, id) => id),
  )
  expect(after).toEqual(expect.arrayContaining([...before.values()]))

  const none = await retry('monday', 'pipeline.ts')
  expect(none.code).toBe(2)
  expect(none.stderr).toBe(
    "error: No row of run 'monday' is rejected any longer: 'monday.r3' has made them all.\n",
  )
  expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: 'nothing-rejected' } })

  // Later runs of the pipeline use what was asked anew.
  project.write(
    'texts.jsonl',
    Array.from({ length: 50 }, (_, id) => JSON.stringify({ id, text: `Text ${id}` })).join('\n'),
  )
  const later = await runToResult(project.folder, ['pipeline.ts', '--run-id', 'later'], env)
  expect(later).toMatchObject({ calls: 0, dataset: { rows: 50, rejected: 0 } })
  expect(fake.stats()).toMatchObject({ answered: 1 })
})

test('after an edit of the parser retry-rejected reads the stored answers again before it asks for any', async () => {
  answerInWords((id) => id % 20 === 5)
  await runToResult(project.folder, ['pipeline.ts', '--run-id', 'monday'], env)
  writeFileSync(
    join(project.folder, 'pipeline.ts'),
    rating("const rating = Number(text.replace('about ', ''))"),
  )
  fake.resetStats()
  expect(await retryToResult('monday', 'pipeline.ts')).toMatchObject({
    runId: 'monday.r2',
    calls: 0,
    dataset: { rows: rowCount, rejected: 0 },
  })
  expect(fake.stats().requests).toBe(0)
})

test('what retry-rejected cannot do is told in one sentence, and nothing is changed', async () => {
  answerInWords((id) => id === 5)
  await runToResult(project.folder, ['pipeline.ts', '--run-id', 'monday'], env)
  project.write('other.json', simulatedPipeline('other', 1))
  const lacking = [{ id: 1, instruction: 'Why?' }, { id: 2 }]
  const load = { name: 'load', type: 'LoadDataFromDicts', params: { data: lacking } }
  const params = { llm: { type: 'SimulatedLLM', params: {} } }
  const generate = { name: 'generate', type: 'TextGeneration', after: ['load'], params }
  project.write(
    'lacking.json',
    JSON.stringify({ version: 1, name: 'lacking', steps: [load, generate] }),
  )
  await runToResult(project.folder, ['lacking.json', '--run-id', 'lacking'], env)
  await runToResult(project.folder, ['other.json', '--run-id', 'other'], env)
  fake.resetStats()
  const listing = async () => (await retort(project.folder, ['list', '--json'])).stdout
  const before = await listing()
  for (const [args, says] of [
    [['tuesday'], /^error: There is no run 'tuesday' in .*\n$/],
    [['other'], /^error: Run 'other' rejected no rows, so there is nothing to ask for anew\.\n$/],
    [['lacking'], /^error: No model had a part in what run 'lacking' rejected, .*\n$/],
    [['monday'], /^error: Step 'rate' of run 'monday' \(Rate\) is code of .* FILE\.\n$/],
    [['monday', 'other.json'], /^error: 'other\.json' is pipeline 'other', but .* 'ratings'\.\n$/],
    [['monday', 'nowhere.ts'], /^error: There is no file 'nowhere\.ts'\.\n$/],
  ] as const) {
    const { code, stderr } = await retry(...args)
    expect(stderr).toMatch(says)
    expect(code).toBe(2)
  }
  expect(await listing()).toBe(before)
  expect(fake.stats().requests).toBe(0)
})
