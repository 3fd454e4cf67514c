import { InvalidArgumentError } from 'commander'

/** Reads a whole number of 1 or more. */
export function positiveNumber(text: string): number {
  return wholeNumber(text, 1)
}

/** Reads a whole number of 0 or more. */
export function countingNumber(text: string): number {
  return wholeNumber(text, 0)
}

/** Reads an amount of US dollars above 0. */
export function usdNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It takes US dollars as a number above 0, such as 2.50.')
}

/** Reads how many rows may be rejected. */
export function rejectedNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && (value < 1 || Number.isSafeInteger(value))) return value
  throw new InvalidArgumentError(
    'It takes a whole number of rows, or a share of them below 1, such as 0.1.',
  )
}

/** Reads a TCP port. */
export function portNumber(text: string): number {
  const port = wholeNumber(text, 1)
  if (port > 65_535) throw new InvalidArgumentError('It takes a port from 1 to 65535.')
  return port
}

/** Gathers the values of an option that may be given several times. */
export function repeated(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  throw new InvalidArgumentError(`It takes a whole number of ${least} or more.`)
}
