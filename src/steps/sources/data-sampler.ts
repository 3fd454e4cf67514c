import { z } from 'zod'

import { columnsOf } from '../../core/column-union.ts'
import type { Row } from '../../core/columns.ts'
import { defineGenerator } from '../../core/define-step.ts'
import { hashJson } from '../../core/hash.ts'
import { createRandom, randomInteger } from '../../core/random.ts'
import type { GeneratorDefinition, GeneratorStep } from '../../core/step.ts'
import type { Widened } from './load-data-from-dicts.ts'

const generator = defineGenerator<Row, DataSamplerParams, Row>({
  type: 'DataSampler',
  version: '1',
  params: z.object({
    data: z.array(z.record(z.string(), z.unknown())).min(1),
    size: z.int().positive().default(2),
    samples: z.int().positive().default(100),
  }),
  // The fingerprint stands for them.
  unsigned: ['data'],
  countParam: 'samples',
  isLocal: () => true,
  columns: ({ data }) =>
    Object.fromEntries(
      Object.entries(columnsOf(data)).map(([name, items]) => [name, { type: 'array', items }]),
    ),
  fingerprint: async ({ data }) => hashJson(data),
  *generate({ data, size, samples }, { seed }) {
    const names = [...new Set(data.flatMap((row) => Object.keys(row)))]
    for (let sample = 0; sample < samples; sample++) {
      // Each with numbers of its own: more samples change none of the first ones.
      const random = createRandom(seed, 'DataSampler', sample)
      const drawn = Array.from({ length: size }, () => data[randomInteger(random, data.length)])
      yield Object.fromEntries(names.map((name) => [name, drawn.map((row) => row?.[name] ?? null)]))
    }
  },
})

/** Parameters of it, filled in. */
interface DataSamplerParams extends Row {
  readonly data: readonly Row[]
  readonly size: number
  readonly samples: number
}

/** What the registry holds of it. */
export const dataSamplerDefinition: GeneratorDefinition = generator.definition

/** What {@link dataSampler} takes. */
export interface DataSamplerOptions<Columns extends Row> {
  /** The rows that are drawn from. */
  readonly data: readonly Columns[]
  /** Rows in each sample. Default 2. */
  readonly size?: number
  /**
   * How many samples there are: rows of the pipeline. Default 100, or as many as it takes where the pipeline makes rows
   * until enough pass.
   */
  readonly samples?: number
}

/**
 * Begins a pipeline with samples of rows, as examples for prompts: each column is a list, an item a drawn row.
 *
 * Rows are drawn with replacement, by the pipeline's seed, and keep together: the items of a sample at one place are of
 * one row. A column that a row lacks is null there.
 */
export function dataSampler<const Columns extends Row>(
  options: DataSamplerOptions<Columns>,
): GeneratorStep<{ readonly [K in keyof Columns]: Widened<Columns[K]>[] }> {
  // The columns follow from the rows; the engine works them out again from their values.
  return generator({ ...options }) as never
}
