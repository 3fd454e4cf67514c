import { expect, test } from 'vitest'

import type { DatasetHub } from '../../../src/core/dataset-hub.ts'
import { decideRows, packCounted } from '../../../activities/global/decide-rows.ts'
import { planGlobal, runGlobal } from '../../../activities/global/run-global.ts'
import type { LiveGlobal } from '../../../activities/global/run-rows.ts'
import { sourcesOnly } from '../../../src/core/reach.ts'
import type { PipelineSpec } from '../../../src/core/spec.ts'
import { rowSetKeys } from '../../../src/storage/row-sets/row-set-keys.ts'
import { rejectionOf } from '../../core/error-of.ts'
import { driveRun } from '../../graphs/drive-run.ts'
import { madeBy } from '../../graphs/made-by.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'

/** Two global steps in a row, both of which reject rows; the second one puts them into another order. */
const spec: PipelineSpec = {
  version: 1,
  name: 'globals',
  steps: [
    {
      name: 'load',
      type: 'ListedRows',
      params: { values: Array.from({ length: 24 }, (_, v) => v) },
    },
    { name: 'weigh', type: 'Weigh', after: ['load'], params: { salt: 1 } },
    { name: 'stir', type: 'Stir', after: ['weigh'], params: { salt: 1 } },
  ],
}
const calm = {
  luck: 1,
  shardSize: 6,
  batchSizes: [5],
  workers: 1,
  atOnce: 1,
  crashes: [],
  isUnpublished: true,
} as const

const noHub: DatasetHub = { push: () => Promise.reject(new Error('Nothing is pushed.')) }

test('wherever a process dies in a global step, the next one goes on to the same rows and rejected rows', async () => {
  const expected = await madeBy(await driveRun(createMemoryStore(), spec, calm))
  expect(expected.leaves[0]?.length).toBeGreaterThan(5)
  expect(new Set(expected.rejected.map(({ step }) => step))).toEqual(new Set(['weigh', 'stir']))
  // More than a run writes.
  for (let writes = 0; writes < 70; writes++) {
    const run = await driveRun(createMemoryStore(), spec, {
      ...calm,
      luck: writes,
      workers: 2,
      atOnce: 3,
      crashes: [writes, writes],
    })
    expect(await madeBy(run)).toEqual(expected)
    expect(run.rejected).toBe(expected.rejected.length)
  }
})

test('a step that is complete keeps nothing but its rows, and whoever comes late finds it done', async () => {
  const store = createMemoryStore()
  const { loaded, chunks } = await driveRun(store, spec, calm)
  const services = {
    store,
    chunks,
    loaded,
    rows: loaded.at(sourcesOnly),
    hub: noHub,
    signal: new AbortController().signal,
  }
  const step = 1
  const { key, left, phases } = await planGlobal(services, step)
  expect(phases).toEqual([])
  const keys = async () => (await Array.fromAsync(store.list(`${key}/`))).map((info) => info.key)
  const folders = new Set((await keys()).map((name) => name.slice(key.length + 1).split('/')[0]))
  expect(folders).toEqual(new Set(['fingerprints', 'manifest.json', 'rejected', 'rows']))
  const before = await keys()
  for (const phase of ['digest', 'decide', 'make', 'sort', 'finish'] as const)
    expect(await runGlobal(services, { step, key, phase, task: 0 })).toEqual(left)
  expect(await keys()).toEqual(before)
})

test('nothing is decided where what was noted of some rows is gone', async () => {
  const store = createMemoryStore()
  const { loaded } = await driveRun(store, spec, calm)
  const [, step] = loaded.steps
  if (step?.definition.kind !== 'global') throw new Error('The second step is global.')
  const { definition, params } = step
  const { signal } = new AbortController()
  const context = { params, stepName: 'weigh', seed: 0, signal, hash: () => new Uint8Array() }
  const live: LiveGlobal = { definition, step, context }
  const key = 'pipelines/globals/sets/s/1'
  await store.putIfAbsent(rowSetKeys(key).digests(0), packCounted(1, [new Uint8Array(4)]))
  expect((await rejectionOf(decideRows(store, key, live, 2))).code).toBe('store-corrupt')
  expect(await store.head(rowSetKeys(key).decided)).toBeUndefined()
})
