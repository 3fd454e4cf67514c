import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import { Pipeline } from '../../../src/core/pipeline.ts'
import { loadDataFromDisk } from '../../../src/steps/sources/load-data-from-disk.ts'
import { loadDataFromHub } from '../../../src/steps/sources/load-data-from-hub.ts'
import { truncateTextColumn } from '../../../src/steps/columns/truncate-text-column.ts'

const columns = z.object({ prompt: z.string(), rating: z.number().optional() })

test('the columns of a dataset that are told are those of the pipeline', () => {
  const hub = Pipeline.from('hub', loadDataFromHub({ repoId: 'acme/seeds', columns }))
  expectTypeOf(hub.columns).toEqualTypeOf<{ prompt: string; rating?: number | undefined }>()
  const disk = Pipeline.from('disk', loadDataFromDisk({ datasetPath: 'seeds', columns }))
  expectTypeOf(disk.columns).toEqualTypeOf<{ prompt: string; rating?: number | undefined }>()
})

test('a dataset whose columns nobody declared takes every reader', () => {
  const step = truncateTextColumn({ column: 'text' })
  Pipeline.from('hub', loadDataFromHub({ repoId: 'acme/seeds' })).step('cut', step)
  Pipeline.from('disk', loadDataFromDisk({ datasetPath: 'seeds' })).step('cut', step)
})

test('a parameter that is missing or unknown does not compile', () => {
  // @ts-expect-error 'repoId' is needed
  loadDataFromHub({ split: 'train' })
  // @ts-expect-error 'datasetPath' is needed
  loadDataFromDisk({})
  // @ts-expect-error reading is always streaming
  loadDataFromHub({ repoId: 'acme/seeds', streaming: true })
})
