/** Where no more than these are rejected, a share of the rows says little. */
const fewestRejected = 20
const defaultShare = 0.5

/** What of a run is rejected so far. */
export interface RejectedCount {
  /** Distinct (row, step). */
  readonly rejected: number
  /** Source rows that some step has done. */
  readonly done: number
}

/**
 * Whether more is rejected than `maxRejected` allows: a number of 1 or more, a share of the rows below that, and 0 for
 * none at all.
 *
 * A share holds once 20 are rejected, by default half. One that was asked for also holds for fewer when the run is over.
 */
export function isTooManyRejected(
  { rejected, done }: RejectedCount,
  maxRejected: number | undefined,
  isOver: boolean,
): boolean {
  const most = maxRejected ?? defaultShare
  if (most >= 1 || most === 0) return rejected > most
  const isTelling = rejected >= fewestRejected || (isOver && maxRejected !== undefined)
  return isTelling && rejected > most * done
}

/** The sentence for a run that stops at its rejected rows. */
export function tooManyRejectedText(
  { rejected, done }: RejectedCount,
  maxRejected: number | undefined,
): string {
  const most = maxRejected ?? defaultShare
  const allowed = most >= 1 || most === 0 ? `${most}` : `${Math.round(most * 1_000) / 10} %`
  return `${rejected} rejected of ${done} rows are more than maxRejected allows (${allowed}); look at them, then mend the pipeline or raise maxRejected.`
}
