import { rmSync, writeFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { loadPlan, readPlan } from '../../activities/loaded-plan.ts'
import { settlePlan } from '../../activities/plan-run.ts'
import { createContext } from '../../activities/worker.ts'
import { sourcesOnly } from '../../src/core/reach.ts'
import type { RunRequest } from '../../src/core/run-request.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { manifestKey } from '../../src/storage/dataset/dataset-keys.ts'
import { moveEpoch, readEpoch } from '../../src/storage/epoch.ts'
import { addRaise } from '../../src/storage/retries.ts'
import { rejectionOf } from '../core/error-of.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()

const contextWith = (environment: Readonly<Record<string, string>>) =>
  createContext({
    store: store(),
    storeId: 'store',
    registry: builtInRegistry,
    code: null,
    environment,
  })
const plan = (request: RunRequest, acceptsChanges = false, run = 'run') =>
  settlePlan(
    contextWith({ A_KEY: 'key' }),
    run,
    request,
    acceptsChanges,
    new AbortController().signal,
  )
const requestOf = (template: string): RunRequest => ({
  version: 1,
  maxRows: null,
  workingFolder: '.',
  spec: {
    version: 1,
    name: 'little',
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', params: { data: [{ word: 'one' }] } },
      {
        name: 'ask',
        type: 'TextGeneration',
        after: ['load'],
        params: {
          columns: ['word'],
          template,
          llm: { type: 'OpenAILLM', params: { model: 'm', apiKeyEnv: 'A_KEY' } },
        },
      },
    ],
  },
})

test('a run that has left its dataset is planned anew for nobody', async () => {
  const first = await plan(requestOf('{{ word }}?'), false)
  await store().putIfAbsent(manifestKey('little', 'run'), new Uint8Array([1]))
  const { code, message } = await rejectionOf(plan(requestOf('{{ word }}!'), true))
  expect({ code, message }).toEqual({
    code: 'run-changed',
    message:
      "Run 'run' was planned otherwise: step 'ask' changed. It has completed; start a new run, or make a new version with --accept-changes.",
  })
  const stored = await readPlan(contextWith({}), 'run')
  expect(stored?.plan).toEqual(first)
})

test('of two that plan a run at once with different pipelines one is told of the change', async () => {
  const outcomes = await Promise.allSettled([
    plan(requestOf('{{ word }}?'), false),
    plan(requestOf('{{ word }}!'), false),
  ])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'run-changed' },
  })
})

test('a worker that lacks the key of a planned run leaves it to others', async () => {
  const planned = await plan(requestOf('{{ word }}?'), false)
  const { code, verdict, message } = await rejectionOf(loadPlan(contextWith({}), planned))
  expect({ code, verdict }).toEqual({ code: 'worker-mismatch', verdict: 'retry' })
  expect(message).toContain('A_KEY')
})

test('a run takes the epoch of its pipeline, and --fresh moves it for itself and later runs', async () => {
  const request = requestOf('{{ word }}?')
  const epochOf = async (run: string, isFresh?: true) =>
    (await plan({ ...request, ...(isFresh === undefined ? {} : { isFresh }) }, false, run)).epoch
  expect(await epochOf('first')).toBe(0)
  expect(await epochOf('second', true)).toBe(1)
  expect(await epochOf('third')).toBe(1)
  expect(await epochOf('fourth', true)).toBe(2)
})

test('a run that has a plan keeps its epoch, whatever is wished', async () => {
  const request = requestOf('{{ word }}?')
  await plan(request)
  await plan({ ...request, isFresh: true }, false, 'other')
  expect((await plan({ ...request, isFresh: true })).epoch).toBe(0)
  expect((await plan({ ...request, isFresh: true }, false, 'other')).epoch).toBe(1)
  expect(await readEpoch(store(), 'little')).toBe(1)
})

test('planning that is repeated before the plan is stored moves the epoch once', async () => {
  const request: RunRequest = { ...requestOf('{{ word }}?'), isFresh: true }
  await moveEpoch(store(), 'little', 'run')
  expect((await plan(request)).epoch).toBe(1)
})

test('a wrong request leaves the epoch where it is', async () => {
  const { code } = await rejectionOf(plan({ ...requestOf('{{ wrod }}?'), isFresh: true }))
  expect(code).toBe('template-invalid')
  expect(await readEpoch(store(), 'little')).toBe(0)
})

test('retry numbers hold as they were when a run was planned, and those raised since for later runs', async () => {
  const context = contextWith({ A_KEY: 'key' })
  const first = await plan(requestOf('{{ word }}?'))
  const [, ask] = first.steps
  if (ask === undefined) throw new Error('The plan has two steps.')
  const loaded = await loadPlan(context, first)
  const [identity = ''] = await (await loaded.at(sourcesOnly).gathered(0)).identities(0, 1)
  await addRaise(store(), 'little', ask.signature, { run: 'run.r2', identities: [identity] })

  const same = await loadPlan(context, await plan(requestOf('{{ word }}?')))
  const later = await loadPlan(context, await plan(requestOf('{{ word }}?'), false, 'later'))
  expect([same, later].map((each) => each.retryOf(1, identity, 0))).toEqual([0, 1])
  expect(later.retryOf(1, 'another', 0)).toBe(0)
  const [before, after, raised] = await Promise.all(
    [loaded, same, later].map((each) => each.at(sourcesOnly).keys(1, 0)),
  )
  expect(after?.chunkKey(1, 0)).toBe(before?.chunkKey(1, 0))
  expect(raised?.chunkKey(1, 0)).not.toBe(before?.chunkKey(1, 0))
})

test('a run that continues another takes its rows and its epoch', async () => {
  const file = `${store().uri.slice('file:'.length)}/words.jsonl`
  const [, ask] = requestOf('{{ word }}?').spec.steps
  if (ask === undefined) throw new Error('The spec has two steps.')
  const load = { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: file } }
  const request = {
    ...requestOf(''),
    spec: { version: 1, name: 'little', steps: [load, ask] },
  } as const
  writeFileSync(file, '{"word":"one"}\n{"word":"two"}\n')
  const first = await plan(request)
  await plan({ ...request, isFresh: true }, false, 'fresh')
  rmSync(file)
  const next = await plan({ ...request, continues: 'run' }, false, 'run.r2')
  expect(next.sources).toEqual(first.sources)
  expect(next.epoch).toBe(0)
  expect((await rejectionOf(plan(request, false, 'run.r3'))).code).toBe('file-missing')
})
