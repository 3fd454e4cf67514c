import { expect, test } from 'vitest'

import { loadPlan, readPlan } from '../../activities/loaded-plan.ts'
import { settlePlan } from '../../activities/plan-run.ts'
import { createContext } from '../../activities/worker.ts'
import type { RunRequest } from '../../src/core/run-request.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { manifestKey } from '../../src/storage/dataset/dataset-keys.ts'
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
const plan = (request: RunRequest, acceptsChanges: boolean) =>
  settlePlan(
    contextWith({ A_KEY: 'key' }),
    'run',
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
      "Run 'run' was planned otherwise: step 'ask' changed. It has completed, so start a new run.",
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
