/** Most that a run may spend; what is left out is unbounded. */
export interface Budget {
  /** US dollars. */
  readonly usd?: number
  /** Input and output together. */
  readonly tokens?: number
}

/** What a run does when something stops it that a person has to mend. */
export type OnStop = 'fail' | 'pause'

/** What of a run may change while it goes, without changing its results. */
export interface RunSettings {
  readonly budget?: Budget
  /** Most (row, step) that may be rejected: a number, or a share of the rows done below 1. Default 0.5, once 20 are rejected. */
  readonly maxRejected?: number
  /** Step to limits of its model that hold in the place of the pipeline's. */
  readonly limits?: Readonly<Record<string, StepLimits>>
}

/** Limits of a step's model that may change while a run goes. */
export interface StepLimits {
  readonly maxConcurrency?: number
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
}

/** Settings with what later ones say in the place of what they said before. */
export function mergeSettings(before: RunSettings, after: RunSettings): RunSettings {
  const limits: Record<string, StepLimits> = { ...before.limits }
  for (const [step, changed] of Object.entries(after.limits ?? {}))
    limits[step] = { ...limits[step], ...changed }
  const budget = { ...before.budget, ...after.budget }
  const maxRejected = after.maxRejected ?? before.maxRejected
  return {
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(maxRejected === undefined ? {} : { maxRejected }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  }
}
