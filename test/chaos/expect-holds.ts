import { expect } from 'vitest'

import { measure } from '../../chaos/harness/scenario.ts'
import type { Scenario } from '../../chaos/harness/scenario.ts'
import { createUndisturbed } from '../../chaos/harness/undisturbed.ts'

const undisturbed = createUndisturbed()

/** Runs a scenario; what it shows about seconds is for the table alone. */
export async function expectHolds(scenario: Scenario): Promise<void> {
  const { claims } = await measure(scenario, undisturbed)
  const broken = claims.filter(({ holds, isTime }) => !holds && isTime !== true)
  expect(broken.map(({ text }) => text)).toEqual([])
}
