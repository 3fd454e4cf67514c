/** One thing that a scenario shows, as measured. */
export interface Claim {
  readonly text: string
  readonly holds: boolean
  /** Whether it is about seconds, which depend on the machine. */
  readonly isTime?: true
}

/** A claim that holds where a figure is no larger than it may be. */
export function atMost(what: string, measured: number, limit: number, unit = ''): Claim {
  return {
    text: `${what} ${toFigure(measured)} ≤ ${toFigure(limit)}${unit}`,
    holds: measured <= limit,
  }
}

/** A claim that holds where two figures are the same. */
export function exactly(what: string, measured: number, expected: number): Claim {
  const isSame = measured === expected
  return {
    text: `${what} ${toFigure(measured)}${isSame ? '' : ` instead of ${toFigure(expected)}`}`,
    holds: isSame,
  }
}

/** A claim that is there or not. */
export function that(holds: boolean, text: string, otherwise: string): Claim {
  return { text: holds ? text : otherwise, holds }
}

/** A claim about seconds, which a table checks and a test on a busy machine does not. */
export function within(what: string, seconds: number, limit: number): Claim {
  return { ...atMost(what, seconds, limit, ' s'), isTime: true }
}

function toFigure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 })
}
