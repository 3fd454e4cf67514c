import type { Row } from '../src/core/columns.ts'
import { shardsPerPart } from '../src/core/range.ts'
import type { Reach } from '../src/core/reach.ts'
import { isBarrier } from '../src/core/stages.ts'
import { positionOf } from '../src/core/staged-row.ts'
import type { RejectedRow, StagedRow } from '../src/core/staged-row.ts'
import type { Chunks } from './chunks.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import { readStepChunks } from './step-chunks.ts'

const rowsAtOnce = 1_000

/** What the rows of a dataset are read with. */
export interface RowServices {
  readonly chunks: Chunks
  readonly loaded: LoadedPlan
  readonly reach: Reach
}

/**
 * The rows that steps could not make, step by step.
 *
 * @param end - source rows that count; all of them where it is left out
 */
export async function* rejectedRows(
  services: RowServices,
  end = Number.POSITIVE_INFINITY,
): AsyncIterable<RejectedRow> {
  const { plan } = services.loaded
  const rows = services.loaded.at(services.reach)
  for (const [step, planned] of plan.steps.entries()) {
    if (isBarrier(planned)) yield* (await rows.rowSet(step)).rejectedRows()
    if (planned.isGathered) continue
    for await (const { rejected } of readStepChunks(services.chunks, rows, step, {
      from: 0,
      to: rows.shardsOf(step),
    }))
      yield* rejected.filter(({ origin }) => positionOf(origin) < end)
  }
}

/** The rows of a step in one part of the dataset. */
export async function* leafRows(
  services: RowServices,
  step: number,
  part: number,
): AsyncIterable<StagedRow> {
  const { plan } = services.loaded
  const rows = services.loaded.at(services.reach)
  const planned = plan.steps[step]
  const from = part * shardsPerPart
  const to = Math.min(rows.shardsOf(step), from + shardsPerPart)
  if (planned?.isGathered === false) {
    for await (const chunk of readStepChunks(services.chunks, rows, step, { from, to }))
      yield* chunk.rows
    return
  }
  const end = Math.min(rows.extentOf(step), to * plan.shardSize)
  for (let at = from * plan.shardSize; at < end; at += rowsAtOnce)
    yield* await rows.rowsIn(step, { from: at, to: Math.min(end, at + rowsAtOnce) })
}

/** What of rows is published. */
export async function* toRows(rows: AsyncIterable<StagedRow>): AsyncIterable<Row> {
  for await (const { row } of rows) yield row
}

/** Lets rows pass until there are enough. */
export class FirstRows {
  readonly #most: number
  #taken = 0
  #last: StagedRow | undefined

  constructor(most: number) {
    this.#most = most
  }

  get isEnough(): boolean {
    return this.#taken === this.#most
  }

  /** The last row that passed. */
  get last(): StagedRow | undefined {
    return this.#last
  }

  async *of(rows: AsyncIterable<StagedRow>): AsyncIterable<StagedRow> {
    for await (const row of rows) {
      if (this.isEnough) return
      this.#taken++
      this.#last = row
      yield row
    }
  }
}
