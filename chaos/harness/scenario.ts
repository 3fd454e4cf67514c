import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Claim } from './claim.ts'
import { createLab } from './lab.ts'
import type { Lab } from './lab.ts'
import type { Undisturbed } from './undisturbed.ts'

/** One fault, and what must hold in spite of it: a row of the table. */
export interface Scenario {
  /** What `--only` names. */
  readonly name: string
  readonly fault: string
  readonly mustHold: string
  run(lab: Lab, undisturbed: Undisturbed): Promise<readonly Claim[]>
}

/** What a scenario came to. */
export interface Outcome {
  readonly claims: readonly Claim[]
  readonly holds: boolean
  readonly seconds: number
  /** Where logs are kept, of one that does not hold. */
  readonly logs: string | undefined
}

/** Runs a scenario in a lab of its own, and cleans up behind it. */
export async function measure(scenario: Scenario, undisturbed: Undisturbed): Promise<Outcome> {
  const startedAt = performance.now()
  const lab = createLab(scenario.name)
  const claims: Claim[] = []
  try {
    claims.push(...(await scenario.run(lab, undisturbed)))
  } catch (error) {
    claims.push({ text: error instanceof Error ? error.message : String(error), holds: false })
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const logs = claims.every(({ holds }) => holds)
    ? undefined
    : join(tmpdir(), 'retort-chaos-logs', `${scenario.name}-${Date.now()}`)
  const left = await lab.close(logs)
  if (left.length > 0) claims.push({ text: `left behind: ${left.join('; ')}`, holds: false })
  return { claims, holds: claims.every(({ holds }) => holds), seconds, logs }
}
