import { leafRows, rejectedRows } from '../../activities/published-rows.ts'
import { countParts } from '../../src/core/range.ts'
import type { RejectedRow } from '../../src/core/staged-row.ts'
import type { DrivenRun } from './drive-run.ts'
import type { PlainRow } from './interpret.ts'

/** What a run made, as its dataset would hold it. */
export interface MadeRows {
  /** In the order of the plan's leaves. */
  readonly leaves: readonly (readonly PlainRow[])[]
  readonly rejected: readonly RejectedRow[]
}

/** Reads the rows that a run made. */
export async function madeBy({ loaded, chunks, reach }: DrivenRun): Promise<MadeRows> {
  const services = { loaded, chunks, reach }
  const leaves = loaded.plan.leaves.map(async (step) => {
    const parts = countParts(loaded.at(reach).extentOf(step), loaded.plan.shardSize)
    const rows: PlainRow[] = []
    for (let part = 0; part < parts; part++)
      for await (const { origin, identity, row } of leafRows(services, step, part))
        rows.push({ origin, identity, row })
    return rows
  })
  return {
    leaves: await Promise.all(leaves),
    rejected: await Array.fromAsync(rejectedRows(services)),
  }
}
