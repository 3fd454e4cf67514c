import { z } from 'zod'

import { createFactory, defineStep } from '../../core/define-step.ts'
import { RetortError } from '../../core/errors.ts'
import { createRandom } from '../../core/random.ts'
import type { CommonParams, Step } from '../../core/step.ts'

const { definition } = defineStep({
  type: 'SampleRows',
  version: '1',
  params: z.object({
    probability: z.number().gt(0).max(1).optional(),
    oneIn: z.int().positive().optional(),
  }),
  inputs: z.object({}),
  outputs: z.object({}),
  checkParams({ probability, oneIn }, stepName) {
    if ((probability === undefined) === (oneIn === undefined))
      throw new RetortError(
        'parameter-invalid',
        `Step '${stepName}' (SampleRows) takes either 'probability' or 'oneIn', ${oneIn === undefined ? 'and has neither' : 'not both'}.`,
      )
  },
  *process(rows, { probability, oneIn = 1 }, { seed, stepName, identities }) {
    const share = probability ?? 1 / oneIn
    for (const index of rows.keys()) {
      // With the step's name: a second sample of a sample is one of its own.
      const random = createRandom(seed, 'SampleRows', stepName, identities[index] ?? '')
      yield random() < share ? {} : []
    }
  },
})

/** What the registry holds of it. */
export const sampleRowsDefinition = definition

/** Parameters of {@link sampleRows}. */
export type SampleRowsParams = CommonParams &
  (
    | {
        /** How likely each row is to stay: above 0, at most 1. */
        readonly probability: number
        readonly oneIn?: never
      }
    | {
        /** One of so many rows stays, on average. */
        readonly oneIn: number
        readonly probability?: never
      }
  )

const create = createFactory<{}, {}, SampleRowsParams>(definition)

/**
 * Keeps a random part of the rows; each row is decided on by itself, so that how many stay is not exact.
 *
 * What stays follows from the pipeline's seed, the step's name and the row's source content: rows that are added to the
 * source change nothing for the others.
 */
export function sampleRows(params: SampleRowsParams): Step<{}, {}> {
  return create(params)
}
