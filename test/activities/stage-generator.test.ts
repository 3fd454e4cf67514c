import { expect, test } from 'vitest'

import { settlePlan } from '../../activities/plan-run.ts'
import { createContext } from '../../activities/worker.ts'
import { defineGenerator } from '../../src/core/define-step.ts'
import { withDefinitions } from '../../src/core/registry.ts'
import type { RunRequest } from '../../src/core/run-request.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { findStagedSource } from '../../src/storage/sources/staged-source.ts'
import { rejectionOf } from '../core/error-of.ts'
import { useEmptyStore } from './empty-store.ts'

const store = useEmptyStore()

test('a generator that makes no rows is refused the second time too', async () => {
  const nothing = defineGenerator({ type: 'Nothing', generate: () => [] })
  const request: RunRequest = {
    version: 1,
    maxRows: null,
    workingFolder: '.',
    spec: { version: 1, name: 'empty', steps: [{ name: 'load', type: 'Nothing' }] },
  }
  const context = createContext({
    store: store(),
    storeId: 'store',
    registry: withDefinitions(builtInRegistry, [nothing.definition], 'code'),
    code: 'code',
    environment: {},
  })
  const plan = () => settlePlan(context, 'run', request, false, new AbortController().signal)
  expect(await rejectionOf(plan())).toMatchObject({ code: 'file-empty' })
  expect(await rejectionOf(plan())).toMatchObject({ code: 'file-empty' })
})

test("a generator's rows are staged under the names that its outputs are mapped to", async () => {
  const request: RunRequest = {
    version: 1,
    maxRows: null,
    workingFolder: '.',
    spec: {
      version: 1,
      name: 'mapped',
      steps: [
        {
          name: 'load',
          type: 'LoadDataFromDicts',
          outputs: { prompt: 'question' },
          params: { data: [{ prompt: 'Why?', id: 1 }] },
        },
      ],
    },
  }
  const context = createContext({
    store: store(),
    storeId: 'store',
    registry: builtInRegistry,
    code: null,
    environment: {},
  })
  const plan = await settlePlan(context, 'run', request, false, new AbortController().signal)
  expect(Object.keys(plan.steps[0]?.columns ?? {})).toEqual(['question', 'id'])
  const staged = await findStagedSource(context.store, plan.sources[0]?.key ?? '')
  expect(Object.keys(staged?.manifest.columns ?? {})).toEqual(['question', 'id'])
})
