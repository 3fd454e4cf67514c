import type { Budget } from '../core/run-settings.ts'

/** The budget that options give a run; `undefined` where they give none. */
export function toBudget({
  budgetUsd: usd,
  budgetTokens: tokens,
}: {
  readonly budgetUsd?: number
  readonly budgetTokens?: number
}): Budget | undefined {
  if (usd === undefined && tokens === undefined) return undefined
  return { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) }
}
