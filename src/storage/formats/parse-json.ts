/**
 * Parses JSON without changing an integer: one past 2^53 becomes its digits as text.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return holdsInexactInteger(value) ? JSON.parse(text, keepDigits) : value
}

function holdsInexactInteger(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(holdsInexactInteger)
  for (const key in value)
    if (holdsInexactInteger((value as Readonly<Record<string, unknown>>)[key])) return true
  return false
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
