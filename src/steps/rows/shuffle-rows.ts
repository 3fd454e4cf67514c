import { z } from 'zod'

import { defineGlobalStep } from '../../core/define-step.ts'

/**
 * Puts all rows into a random order, which the pipeline's seed and each row decide: one row more changes nothing about
 * the order of the others.
 *
 * It is a barrier: what comes behind it begins when all rows are there.
 */
export const shuffleRows = defineGlobalStep({
  type: 'ShuffleRows',
  version: '1',
  inputs: z.object({}),
  outputs: z.object({}),
  shuffleKey: ({ identity }, { seed, hash }) => hash(`ShuffleRows\n${seed}\n${identity}`),
})
