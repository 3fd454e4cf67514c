import { expect, test } from 'vitest'

import type { PipelineSpec } from '../../src/core/spec.ts'
import { latestKey } from '../../src/storage/dataset/dataset-keys.ts'
import { openDataset } from '../../src/storage/dataset/open-dataset.ts'
import { driveRun } from '../graphs/drive-run.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

test('a run that died when its dataset was there but not yet the latest makes it so when it goes on', async () => {
  const store = createMemoryStore()
  const spec: PipelineSpec = {
    version: 1,
    name: 'little',
    steps: [{ name: 'load', type: 'LoadDataFromDicts', params: { data: [{ v: 1 }] } }],
  }
  const run = () =>
    driveRun(store, spec, {
      luck: 1,
      shardSize: 5,
      batchSizes: [5],
      workers: 1,
      atOnce: 1,
      crashes: [],
    })
  await run()
  await store.delete(latestKey('little'))
  await run()
  expect((await openDataset(store, 'little')).manifest.version).toBe('run')
})
