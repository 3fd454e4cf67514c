import type { FakeProcess } from '../../bench/engine/fake-process.ts'
import type { RunResult } from '../../src/core/run-report.ts'
import { atMost } from './claim.ts'
import type { Claim } from './claim.ts'
import type { Lab } from './lab.ts'
import type { ChaosPipeline } from './pipelines.ts'
import { sameRows } from './same-rows.ts'
import { exportRows } from './undisturbed.ts'
import type { Undisturbed } from './undisturbed.ts'

/** Where a run's dataset is read. */
export interface FinishedRun {
  readonly folder: string
  readonly run: string
  readonly env?: NodeJS.ProcessEnv
}

/** The dataset is there and the same as an undisturbed run's. */
export async function datasetClaims(
  lab: Lab,
  undisturbed: Undisturbed,
  pipeline: ChaosPipeline,
  { folder, run, env }: FinishedRun,
  result: RunResult,
): Promise<Claim[]> {
  if (result.status !== 'completed')
    return [{ text: `the run ${result.status}: ${result.error?.message}`, holds: false }]
  const rejected = result.dataset?.rejected ?? 0
  return [
    sameRows(await exportRows(lab, folder, run, env), await undisturbed.rowsOf(pipeline)),
    ...(rejected === 0 ? [] : [{ text: `${rejected} rejected`, holds: false }]),
  ]
}

/** How calls are paced, from which follows what a kill may cost. */
export interface Pace {
  readonly inFlight: number
  readonly latencyMs: number
}

/** Answers paid twice are at most the calls in flight and what one second brings. */
export async function paidTwice(fake: FakeProcess, { inFlight, latencyMs }: Pace): Promise<Claim> {
  const { duplicates } = await fake.stats()
  // The provider answers in waves, as many as begin within a second.
  const oneSecond = Math.ceil(1_000 / latencyMs) * inFlight
  const claim = atMost('paid twice', duplicates, inFlight + oneSecond)
  return { ...claim, text: `paid twice ${duplicates} ≤ ${inFlight} + ${oneSecond}` }
}

/** Puts what was asked of one point in time before its claims. */
export function at(label: string, claims: readonly Claim[]): Claim[] {
  return claims.map((claim, index) =>
    index === 0 ? { ...claim, text: `${label}: ${claim.text}` } : claim,
  )
}
