import type { Claim } from './claim.ts'

/** Compares a dataset with an undisturbed run's, byte for byte and in order; both as JSON lines. */
export function sameRows(actual: string, undisturbed: string): Claim {
  const rows = toLines(actual)
  const expected = toLines(undisturbed)
  const counted = `rows ${rows.length.toLocaleString('en-US')}/${expected.length.toLocaleString('en-US')}`
  if (actual === undisturbed) return { text: `${counted}, byte for byte in order`, holds: true }
  const lost = missing(expected, rows)
  const foreign = missing(rows, expected)
  const faults = [
    ...(lost.count === 0 ? [] : [`${lost.count} lost (${cut(lost.first)})`]),
    ...(foreign.count === 0 ? [] : [`${foreign.count} foreign or doubled (${cut(foreign.first)})`]),
  ]
  return {
    text: `${counted}, ${faults.length === 0 ? 'in another order' : faults.join(', ')}`,
    holds: false,
  }
}

function toLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

/** Lines of one text that the other lacks; a line that stands there n times is needed n times. */
function missing(wanted: readonly string[], there: readonly string[]) {
  const counts = new Map<string, number>()
  for (const line of there) counts.set(line, (counts.get(line) ?? 0) + 1)
  let count = 0
  let first = ''
  for (const line of wanted) {
    const left = counts.get(line) ?? 0
    if (left > 0) counts.set(line, left - 1)
    else if (count++ === 0) first = line
  }
  return { count, first }
}

function cut(line: string): string {
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}
