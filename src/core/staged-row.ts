import type { Row } from './columns.ts'
import type { ErrorCode } from './errors.ts'
import { noFigures } from './run-report.ts'
import type { Figures } from './run-report.ts'

/** A row as it is staged between steps. */
export interface StagedRow {
  /**
   * Where it comes from: its source position, then `.k` for each expander it went through (`12`, `12.0`), and `.ik` for
   * each step that took the rows of several, of which it came from the `k`-th (`12.0.i1`).
   */
  readonly origin: string
  /** Hash of the source row's content and occurrence, then `.k` as in the origin; seeds every random choice. */
  readonly identity: string
  readonly row: Row
  /** Where it stands behind each global step that it went through, the last one last; left out where it went through none. */
  readonly places?: readonly number[]
}

/** A row that a step could not make. */
export interface RejectedRow {
  readonly origin: string
  readonly identity: string
  /** The name of the step that rejected it. */
  readonly step: string
  readonly code: ErrorCode
  readonly reason: string
  /** What the model answered, where one did. */
  readonly raw: string | null
  /** The row as the step got it. */
  readonly row: Row
  /** As those of the row. */
  readonly places?: readonly number[]
}

/** What making a batch took. */
export type BatchFigures = Omit<Figures, 'rejected'>

const { rejected: _, ...noBatch } = noFigures

/** Nothing counted in a batch. */
export const noBatchFigures: BatchFigures = noBatch

/** The stored output of one batch. */
export interface Chunk {
  /** The run that computed it. */
  readonly run: string
  readonly figures: BatchFigures
  readonly rows: readonly StagedRow[]
  readonly rejected: readonly RejectedRow[]
}

/**
 * The origin, or the identity, of a row that came from one of several steps; never that of one that an expander made.
 *
 * Else two rows could be taken for each other: the one expanded and then put behind others, the other one the other way
 * round.
 */
export function throughInput(id: string, input: number): string {
  return `${id}.i${input}`
}

/** An origin and those that expanders made it of since rows of several steps were put together: `12.0.3`, `12.0` and `12`. */
export function originsExpanded(origin: string): string[] {
  const found = [origin]
  for (let at = origin; /\.\d+$/.test(at); found.push(at)) at = at.slice(0, at.lastIndexOf('.'))
  return found
}

/** The source position that an origin starts with. */
export function positionOf(origin: string): number {
  return Number.parseInt(origin, 10)
}

/** Where a row stands among those that its batches are counted by: behind the last global step, or in the source. */
export function placeOf({ origin, places }: Pick<StagedRow, 'origin' | 'places'>): number {
  return places?.at(-1) ?? positionOf(origin)
}
