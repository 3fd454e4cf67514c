import { InvalidArgumentError } from 'commander'

/** Reads a whole number of 1 or more. */
export function positiveNumber(text: string): number {
  return wholeNumber(text, 1)
}

/** Reads a whole number of 0 or more. */
export function countingNumber(text: string): number {
  return wholeNumber(text, 0)
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
