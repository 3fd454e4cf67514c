/** What reading headers takes. */
export interface HeaderReader {
  get(name: string): string | null
}

/** Milliseconds after which a reply asks to be asked again; `undefined` where it does not say. */
export function parseRetryAfter(headers: HeaderReader, now: number): number | undefined {
  const milliseconds = toNumber(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return Math.max(0, milliseconds)
  const text = headers.get('retry-after')
  const seconds = toNumber(text)
  if (seconds !== undefined) return Math.max(0, seconds * 1000)
  const date = Date.parse(text ?? '')
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function toNumber(text: string | null): number | undefined {
  if (text === null || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
