import { expect, test } from 'vitest'

import { Chunks } from '../../activities/chunks.ts'
import { readStepChunks } from '../../activities/step-chunks.ts'
import { RetortError } from '../../src/core/errors.ts'
import type { PlanRows } from '../../src/storage/plan-rows.ts'
import { rejectionOf } from '../core/error-of.ts'
import { watchStore } from '../storage/journal/watched-store.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

test('a store that goes away while chunks are fetched ahead fails their reader, and nothing else in the process', async () => {
  const store = watchStore(createMemoryStore(), () => {
    throw new RetortError('store-unavailable', 'Away.')
  })
  // Of a run's rows reading chunks needs no more.
  const rows = {
    plan: { steps: [{ batchSize: 1 }] },
    keys: async () => ({
      rangeOf: () => ({ from: 0, to: 5 }),
      chunkKey: (_step: number, batch: number) => `chunks/${batch}`,
    }),
  } as unknown as PlanRows
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    const reading = Array.fromAsync(readStepChunks(new Chunks(store), rows, 0, { from: 0, to: 1 }))
    expect((await rejectionOf(reading)).code).toBe('store-unavailable')
    // Rejections that nobody handles are told of once everything at hand is done.
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(unhandled).toEqual([])
})
