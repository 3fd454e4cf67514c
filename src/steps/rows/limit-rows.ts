import { z } from 'zod'

import { defineGlobalStep } from '../../core/define-step.ts'

/**
 * Lets only the first `limit` rows pass, in their order; `offset` rows before them are left out as well.
 *
 * It is a barrier: which rows are the first is known when all rows before it are. To ask a model for no more than is
 * needed, let the pipeline make so many accepted rows instead (`pipeline.rows`).
 */
export const limitRows = defineGlobalStep({
  type: 'LimitRows',
  version: '1',
  params: z.object({ limit: z.int().positive(), offset: z.int().nonnegative().default(0) }),
  inputs: z.object({}),
  outputs: z.object({}),
  mostRows: ({ limit }) => limit,
  async *decide(parts, { params: { limit, offset } }) {
    let position = 0
    for (const { rows } of parts) {
      yield Uint8Array.from({ length: rows }, () => {
        const at = position++
        return Number(at >= offset && at < offset + limit)
      })
    }
  },
  make: (_row, decision) => (decision[0] === 1 ? {} : []),
})
