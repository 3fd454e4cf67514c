/** What reading headers takes. */
export interface HeaderReader {
  get(name: string): string | null
  /** Whether any name has this in it; where it is left out, each has to be asked for. */
  mentions?(part: string): boolean
}

/** A provider that names a longer time is asked again after this one: its header may be wrong. */
export const longestRetryMs = 3_600_000

/**
 * Milliseconds after which a reply asks to be asked again, at most an hour; 0 for a date that is past;
 * `undefined` where it does not say, or not in a way that makes sense.
 */
export function parseRetryAfter(headers: HeaderReader, now: number): number | undefined {
  const milliseconds = toNumber(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return Math.min(milliseconds, longestRetryMs)
  const text = headers.get('retry-after')
  const seconds = toNumber(text)
  if (seconds !== undefined) return Math.min(seconds * 1000, longestRetryMs)
  const date = toDate(text)
  return date === undefined ? undefined : Math.min(Math.max(0, date - now), longestRetryMs)
}

function toNumber(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : undefined
}

/** `Date.parse` alone makes a date of nearly anything that has a number in it. */
function toDate(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? ''
  if (!/ GMT$|^\d{4}-\d\d-\d\dT/.test(trimmed)) return undefined
  const date = Date.parse(trimmed)
  return Number.isNaN(date) ? undefined : date
}
