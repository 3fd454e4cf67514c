import { isObject } from '../core/json.ts'
import type { StagedRow } from '../core/staged-row.ts'

/** A staged row as one line of JSON. */
export function stagedRowLine({ origin, identity, row, places }: StagedRow): string {
  return JSON.stringify(
    places === undefined ? [origin, identity, row] : [origin, identity, row, places],
  )
}

/** The row of a line of {@link stagedRowLine} that was parsed; `undefined` where it is none. */
export function toStagedRow(value: unknown): StagedRow | undefined {
  if (!Array.isArray(value)) return undefined
  const [origin, identity, row, places]: unknown[] = value
  if (typeof origin !== 'string' || typeof identity !== 'string' || !isObject(row)) return undefined
  if (places === undefined) return { origin, identity, row }
  return isPlaces(places) ? { origin, identity, row, places } : undefined
}

/** Whether a value is the places of a row. */
export function isPlaces(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}
