import { expect, test } from 'vitest'

import { planFeeds } from '../../../activities/global/join-feeds.ts'
import type { PlannedRoute } from '../../../src/core/route.ts'
import type { PlanRows } from '../../../src/storage/plan-rows.ts'
import { littlePlan } from '../../core/little-plan.ts'

const route: PlannedRoute = { type: 'R', signature: '', branches: [], ordinal: 0, share: 1 }

test('a join across a barrier reads the rows behind every route on the way, also within branches that were joined', () => {
  // 0 → 1 → (2 → 3 with a route → 4, and 5) → 6, joined with 7, which is global.
  const afters = [[0], [1], [2], [3], [1], [4, 5], [1], [6, 7]]
  const plan = littlePlan(
    afters.map((after) => ({ batchSize: 1, after })),
    1,
  )
  const steps = plan.steps.map((step, index) => (index === 3 ? { ...step, route } : step))
  // Of a run's rows planning needs no more.
  const rows = { plan: { ...plan, steps }, shardsOf: () => 1 } as unknown as PlanRows
  const feeds = planFeeds(rows, 8)
  const read = feeds.filter(({ what }) => what === 'rows').map(({ step }) => step)
  expect(read.toSorted((a, b) => a - b)).toEqual([3, 6, 7])
})
