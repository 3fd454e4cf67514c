import { afterEach, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { oneTask } from './one-task.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { readRows, retort, runToResult, startRetort } from './retort-command.ts'
import type { Going } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

const env = { FAKE_KEY: 'key' }
const rowCount = 400
const usdPerMillion = 1_000

let project: Project
let fake: FakeServer
const going: Going[] = []

afterEach(async () => {
  for (const { child } of going) child.kill('SIGKILL')
  await Promise.all(going.splice(0).map(({ ended }) => ended))
  await fake.close()
  project.remove()
})

async function prepare(prices?: object): Promise<void> {
  fake = await startFakeServer({ latencyMs: 20 })
  project = createProject()
  const { rows, spec } = oneTask(rowCount, `${fake.url}/v1`, 20)
  const pipeline = JSON.parse(spec) as { steps: { params: { llm?: object } }[] }
  for (const { params } of pipeline.steps)
    if (params.llm !== undefined)
      params.llm = { ...params.llm, ...(prices === undefined ? {} : { prices }) }
  project.write('prompts.jsonl', rows)
  project.write('pipeline.json', JSON.stringify(pipeline))
}

const samePrices = { inputUsdPerMillion: usdPerMillion, outputUsdPerMillion: usdPerMillion }
const short = ['--set', 'answer.llm.params.generationKwargs={"maxNewTokens":64}']
const command = (...args: string[]) => ['pipeline.json', '--run-id', 'capped', ...short, ...args]

/** US dollars that the fake provider's own count of tokens comes to. */
function paidUsd(): number {
  const { input, output } = fake.stats().tokens
  return ((input + output) * usdPerMillion) / 1e6
}

test('a budget at half of the need stops the run at or under it, and a higher one completes it and pays nothing twice', async () => {
  await prepare(samePrices)
  const needed = await runToResult(
    project.folder,
    ['pipeline.json', '--run-id', 'free', ...short],
    env,
  )
  const { costUsd } = needed
  expect(costUsd).toBeCloseTo(paidUsd(), 9)
  const need = costUsd ?? 0
  expect(need).toBeGreaterThan(0)

  project.remove()
  await fake.close()
  await prepare(samePrices)
  const cap = need / 2
  const stopped = await retort(
    project.folder,
    ['run', ...command('--budget-usd', String(cap)), '--json'],
    env,
  )
  expect(stopped.code).toBe(1)
  const result = JSON.parse(stopped.stdout) as typeof needed
  expect(result).toMatchObject({ status: 'stopped', dataset: null, error: { code: 'budget' } })
  expect(result.error?.message).toContain('`retort set capped budget.usd=…`')
  expect(paidUsd()).toBeLessThanOrEqual(cap)
  expect(paidUsd()).toBeGreaterThan(cap * 0.9)
  expect(result.costUsd).toBeCloseTo(paidUsd(), 9)

  const same = await retort(project.folder, ['run', ...command(), '--json'], env)
  expect(JSON.parse(same.stdout)).toMatchObject({ error: { code: 'budget' } })
  expect(paidUsd()).toBeLessThanOrEqual(cap)

  const completed = await runToResult(
    project.folder,
    command('--budget-usd', String(need * 1.2)),
    env,
  )
  expect(completed).toMatchObject({ status: 'completed', dataset: { rows: rowCount, rejected: 0 } })
  expect(fake.stats()).toMatchObject({ answered: rowCount, duplicates: 0 })
  expect(completed.costUsd).toBeCloseTo(need, 9)
  expect(completed.calls).toBe(rowCount)
  expect(await readRows(project.folder, 'capped', env)).toHaveLength(rowCount)
})

test('a run that waits for money goes on when it gets more, and one without a budget may get one while it goes', async () => {
  await prepare(samePrices)
  // Slow enough that the run is still going when the command that sets it has started.
  fake.set({ latencyMs: 400 })
  const serving = startRetort(
    project.folder,
    ['run', ...command('--on-stop', 'pause', '--json')],
    env,
  )
  going.push(serving)
  await waitUntil(() => fake.stats().answered > 40, 'some answers')
  const cap = 13
  const capped = await retort(project.folder, ['set', 'capped', `budget.usd=${cap}`], env)
  expect(capped).toMatchObject({ code: 0, stderr: expect.stringContaining('budget.usd is') })
  await waitUntil(
    () => serving.output().stderr.includes('has spent'),
    'the sentence that the budget is spent',
  )
  expect(paidUsd()).toBeLessThanOrEqual(cap)
  expect(fake.stats().inFlight).toBe(0)
  const refused = await retort(project.folder, ['set', 'capped', 'budget.usd=-1'], env)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('above 0') })
  const tiny = await retort(project.folder, ['set', 'capped', 'budget.usd=0.001'], env)
  expect(tiny).toMatchObject({ code: 2, stderr: expect.stringContaining('less than one call') })
  expect((await retort(project.folder, ['set', 'capped', 'budget.usd=1000'], env)).code).toBe(0)
  const { code, stdout } = await serving.ended
  expect(code).toBe(0)
  const result = JSON.parse(stdout) as { costUsd: number; calls: number }
  expect(fake.stats()).toMatchObject({ answered: rowCount, duplicates: 0 })
  expect(result.calls).toBe(rowCount)
  expect(result.costUsd).toBeCloseTo(paidUsd(), 9)
})

test('after kill -9 the same command keeps the budget, and a higher one completes the run', async () => {
  await prepare(samePrices)
  const cap = 12
  const killed = startRetort(project.folder, ['run', ...command('--budget-usd', String(cap))], env)
  going.push(killed)
  await waitUntil(() => fake.stats().answered > 60, 'some answers')
  killed.child.kill('SIGKILL')
  await killed.ended
  const stopped = await runToResult(project.folder, command(), env)
  expect(stopped).toMatchObject({ status: 'stopped', error: { code: 'budget' } })
  expect(paidUsd()).toBeLessThanOrEqual(cap)
  const completed = await runToResult(project.folder, command('--budget-usd', '1000'), env)
  expect(completed).toMatchObject({ status: 'completed', dataset: { rows: rowCount } })
})

test('a budget of tokens needs no price', async () => {
  await prepare()
  const cap = 10_000
  const stopped = await runToResult(project.folder, command('--budget-tokens', String(cap)), env)
  expect(stopped).toMatchObject({ status: 'stopped', costUsd: null, error: { code: 'budget' } })
  const { tokens } = fake.stats()
  expect(tokens.input + tokens.output).toBeLessThanOrEqual(cap)
  expect(stopped.tokens).toEqual(tokens)
})

test.each<[what: string, args: string[], prices: object | undefined, sentence: RegExp]>([
  ['a budget of 0', ['--budget-usd', '0'], samePrices, /a number above 0/],
  ['a budget that is no number', ['--budget-tokens', 'many'], samePrices, /a whole number of 1/],
  [
    'a budget under one call',
    ['--budget-usd', '0.01'],
    samePrices,
    /less than one call: .*'answer'/,
  ],
  [
    'US dollars without a price',
    ['--budget-usd', '5'],
    undefined,
    /Step 'answer' asks model 'fake', whose price is not known/,
  ],
])('%s is refused before any call', async (_, args, prices, sentence) => {
  await prepare(prices)
  const { code, stderr } = await retort(project.folder, ['run', ...command(...args)], env)
  expect(stderr).toMatch(sentence)
  expect(code).toBe(2)
  expect(fake.stats().requests).toBe(0)
})
