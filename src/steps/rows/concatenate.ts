import { z } from 'zod'

import type { GlobalDefinition } from '../../core/global-step.ts'

/**
 * Puts the rows of several steps one after the other, in declared order. A column that some of them lack is `null` there.
 */
export const concatenateDefinition: GlobalDefinition = {
  kind: 'global',
  type: 'Concatenate',
  version: '1',
  takesSeveral: true,
  params: z.object({}),
  inputs: z.object({}),
  outputs: z.object({}),
}
