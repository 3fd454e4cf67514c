import type { StagedRow } from '../core/staged-row.ts'

/** Rows that are all there, in order: those of a source, or what a global step left. */
export interface GatheredRows {
  /** The rows at [from, to), or up to the end; each call gives objects of its own. */
  rows(from: number, to: number): Promise<StagedRow[]>
  /** What each of these rows is told apart by, as hexadecimal digits. */
  fingerprints(from: number, to: number): Promise<string[]>
  /** Identities of the source rows that these go back to. */
  identities(from: number, to: number): Promise<string[]>
}
