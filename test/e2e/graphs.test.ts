import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { startFakeServer } from '../../bench/fake-server/fake-server.ts'
import type { FakeServer } from '../../bench/fake-server/fake-server.ts'
import { shardSize } from '../../src/core/plan.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { readManifest } from '../../src/storage/dataset/read-manifest.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { createProject } from './project.ts'
import type { Project } from './project.ts'
import { runToResult, startRetort } from './retort-command.ts'
import type { Going } from './retort-command.ts'
import { waitUntil } from './wait-until.ts'

const rowCount = 12_000
const asked = 150
const env = { FAKE_KEY: 'key' }

let fake: FakeServer
const projects: Project[] = []
const going: Going[] = []

afterEach(async () => {
  for (const { child } of going) child.kill('SIGKILL')
  await Promise.all(going.splice(0).map(({ ended }) => ended))
})

afterAll(async () => {
  await fake.close()
  for (const project of projects) project.remove()
})

/**
 * One of two branches for each row, joined, expanded and without repeats in another order; behind that all of them, and
 * what two models say to the first.
 */
function spec(maxConcurrency: number, manyRows: number, fewRows: number): string {
  const short = (name: string, maxLength: number): StepSpec => ({
    name,
    type: 'TruncateTextColumn',
    after: ['load'],
    params: { column: 'text', maxLength, inputBatchSize: manyRows },
  })
  const ask = (name: string): StepSpec => ({
    name,
    type: 'TextGeneration',
    after: ['first'],
    params: {
      llm: {
        type: 'OpenAILLM',
        params: { model: 'fake', baseURL: `${fake.url}/v1`, apiKeyEnv: 'FAKE_KEY' },
        limits: { maxConcurrency },
      },
      inputBatchSize: fewRows,
      columns: ['texts', 'tags'],
      template: `${name}: {{ texts[0] }} {{ tags }}`,
    },
  })
  const steps: StepSpec[] = [
    {
      name: 'load',
      type: 'LoadDataFromFileSystem',
      params: { dataFiles: 'rows.jsonl' },
      route: { type: 'SampleSteps', params: { size: 1 } },
    },
    short('short', 7),
    short('long', 12),
    {
      name: 'texts',
      type: 'GroupColumns',
      after: ['short', 'long'],
      params: { columns: ['text'], outputColumns: ['texts'], inputBatchSize: manyRows },
    },
    {
      name: 'tagged',
      type: 'ExpandColumns',
      after: ['texts'],
      params: { columns: ['tags'], inputBatchSize: manyRows },
    },
    {
      name: 'once',
      type: 'DeduplicateRows',
      after: ['tagged'],
      params: { columns: ['texts', 'tags'] },
    },
    { name: 'shuffled', type: 'ShuffleRows', after: ['once'] },
    {
      name: 'all',
      type: 'KeepColumns',
      after: ['shuffled'],
      params: { columns: ['id', 'texts', 'tags'], inputBatchSize: manyRows },
    },
    { name: 'first', type: 'LimitRows', after: ['shuffled'], params: { limit: asked } },
    ask('red'),
    ask('green'),
    {
      name: 'answers',
      type: 'GroupColumns',
      after: ['red', 'green'],
      params: {
        columns: ['generation'],
        outputColumns: ['generations'],
        inputBatchSize: fewRows,
      },
    },
  ]
  return JSON.stringify({ version: 1, name: 'graphs', steps })
}

function prepare(maxConcurrency: number, manyRows: number, fewRows: number): Project {
  const project = createProject()
  projects.push(project)
  const rows = Array.from({ length: rowCount }, (_, id) => {
    const tags = ['a', 'b', 'c'].slice(0, id % 4)
    return `${JSON.stringify({ id, text: `${id % 5_000} is a number`, tags })}\n`
  })
  project.write('rows.jsonl', rows.join(''))
  project.write('pipeline.json', spec(maxConcurrency, manyRows, fewRows))
  return project
}

/** The parts of a run's dataset: their names hold the hashes of their bytes. */
async function partsOf(project: Project, run = 'run') {
  const store = await openStore(`file:${project.folder}/.retort/store`)
  const { leaves } = await readManifest(store, 'graphs', run)
  return leaves.map(({ name, rows, parts }) => ({
    name,
    rows,
    parts: parts.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)),
  }))
}

function start(project: Project, ...args: string[]): Going {
  const command = startRetort(project.folder, args, env)
  going.push(command)
  return command
}

/** The keys of everything that a project's store holds. */
function keysOf(project: Project): string[] {
  const folder = join(project.folder, '.retort/store')
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
}

/** Ends a command in the middle, as if its machine had lost its power. */
async function killWhen(what: string, { child, ended }: Going, holds: () => boolean) {
  await waitUntil(holds, what)
  child.kill('SIGKILL')
  expect((await ended).signal).toBe('SIGKILL')
}

let expected: Awaited<ReturnType<typeof partsOf>>

beforeAll(async () => {
  fake = await startFakeServer({ answer: (prompt) => `Answer to ${prompt}`, latencyMs: 5 })
  const project = prepare(200, 50, 50)
  const result = await runToResult(project.folder, ['pipeline.json', '--run-id', 'run'], env)
  expect(result).toMatchObject({ status: 'completed', calls: 2 * asked })
  expected = await partsOf(project)
  expect(expected).toMatchObject([
    { name: 'all', rows: expect.toSatisfy((rows: number) => rows > 2 * shardSize) },
    { name: 'answers', rows: asked },
  ])
})

test('a graph makes the same bytes with other batches and calls, and after kill -9 in a global step and behind it', async () => {
  const project = prepare(1, 400, 1)
  const args = ['run', 'pipeline.json', '--run-id', 'run', '--json']
  await killWhen('a part of the shuffled rows', start(project, ...args), () =>
    keysOf(project).some((key) => /^pipelines\/graphs\/sets\/.*\/run-indexes\/0/.test(key)),
  )
  const before = fake.stats().answered
  await killWhen(
    'a few answers',
    start(project, ...args),
    () => fake.stats().answered > before + asked,
  )
  const { stdout } = await start(project, ...args).ended
  expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', calls: 2 * asked })
  expect(await partsOf(project)).toEqual(expected)
})

test('a graph makes the same bytes with three workers', async () => {
  const project = prepare(200, 250, 7)
  for (let worker = 0; worker < 3; worker++) start(project, 'worker')
  expect(await start(project, 'start', 'pipeline.json', '--run-id', 'run').ended).toMatchObject({
    code: 0,
  })
  expect((await start(project, 'watch', 'run').ended).code).toBe(0)
  expect(await partsOf(project)).toEqual(expected)
})
