import { z } from 'zod'

import type { Row } from '../../core/columns.ts'
import { withDefinition } from '../../core/define-step.ts'
import type { Route } from '../../core/define-route.ts'
import { RetortError } from '../../core/errors.ts'
import { randomInteger } from '../../core/random.ts'
import type { RouteDefinition } from '../../core/route.ts'

const params = z.object({ size: z.int().min(1) })

/** Sends each row to so many of the branches, drawn evenly for that row alone. */
export const sampleStepsDefinition: RouteDefinition<Row, z.output<typeof params>> = {
  kind: 'route',
  type: 'SampleSteps',
  version: '1',
  params,
  inputs: z.looseObject({}),
  checkParams({ size }, stepName, branches) {
    if (size > branches.length)
      throw new RetortError(
        'parameter-invalid',
        `The route behind step '${stepName}' samples ${size} of ${branches.length} branches; sample ${branches.length} at most.`,
      )
  },
  share: ({ size }, branches) => size / branches,
  choose(_row, { branches, params: { size }, random }) {
    // Selection sampling: each branch in turn, with the chance that is left for it (Knuth, TAOCP 2, 3.4.2, S).
    let wanted = size
    return branches.filter((_, index) => {
      const isChosen = randomInteger(random, branches.length - index) < wanted
      if (isChosen) wanted -= 1
      return isChosen
    })
  },
}

/** Sends each row to `size` of the branches, drawn evenly from the pipeline's seed and the row itself. */
export function sampleSteps(size: number): Route<Row> {
  // Erases the parameters' types; the engine checks them against their schema.
  return withDefinition(sampleStepsDefinition as unknown as RouteDefinition, { size })
}
