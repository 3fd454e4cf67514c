import { toUsd } from './price.ts'
import type { Figures } from './run-report.ts'

/** Share of the rows that must be done before anything is foretold. */
const shareToJudgeBy = 0.02

/** What a run will come to. */
export interface Forecast {
  /** Input and output together, of the whole run. */
  readonly tokens: number
  /** US dollars of the whole run; `null` where a price is not known. */
  readonly costUsd: number | null
  /** Until the last answer; `null` before this execution has made a call. */
  readonly seconds: number | null
}

/** What a forecast is made of. */
export interface ForecastBasis {
  /** Source rows. */
  readonly rows: number
  readonly doneRows: number
  readonly figures: Figures
  /** Of the calls, those that earlier executions of the run made. */
  readonly foundCalls: number
  /** Since the execution began. */
  readonly elapsedSeconds: number
}

/**
 * Foretells what a run will come to, from what its calls took so far; `null` before 2 % of the rows are done, and
 * while nothing was paid.
 *
 * Rows that are left are taken to need calls, as those do that nobody had asked before: what earlier runs had paid for
 * says nothing about what is to be paid. Equal requests are taken to go on sharing their answers.
 */
export function forecastOf(basis: ForecastBasis): Forecast | null {
  const { rows, doneRows, figures, foundCalls, elapsedSeconds } = basis
  const { calls, reusedAnswers, sharedAnswers } = figures
  if (doneRows === 0 || doneRows < rows * shareToJudgeBy || calls === 0) return null
  const answersPerRow = (calls + reusedAnswers + sharedAnswers) / doneRows
  const callsLeft = (rows - doneRows) * answersPerRow * (calls / (calls + sharedAnswers))
  const tokens = figures.inputTokens + figures.outputTokens
  const growth = (calls + callsLeft) / calls
  const callsHere = calls - foundCalls
  return {
    tokens: Math.round(tokens * growth),
    costUsd: figures.unpricedCalls > 0 ? null : toUsd(Math.round(figures.costNanoUsd * growth)),
    seconds: callsHere > 0 ? (callsLeft * elapsedSeconds) / callsHere : null,
  }
}
