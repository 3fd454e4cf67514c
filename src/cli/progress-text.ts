import { costUsdOf } from '../core/price.ts'
import type { Progress } from '../core/run-report.ts'
import { usdText } from '../core/usd-text.ts'

/** How far a run was at a moment. */
interface Sample {
  /** Milliseconds. */
  readonly at: number
  readonly doneRows: number
}

const windowMilliseconds = 30_000

/** Rows a second over the last half minute. */
export class RowRate {
  #samples: readonly Sample[] = []

  /** Takes a reading and tells the rate; `undefined` while nothing was done. */
  add(at: number, doneRows: number): number | undefined {
    this.#samples = [
      ...this.#samples.filter((sample) => at - sample.at <= windowMilliseconds),
      { at, doneRows },
    ]
    const [first] = this.#samples
    if (first === undefined || at === first.at) return undefined
    const rate = ((doneRows - first.doneRows) * 1_000) / (at - first.at)
    return rate > 0 ? rate : undefined
  }
}

/** One line that says how far a run is. */
export function progressText(
  { state, rows, doneRows, target, figures, jobs, forecast }: Progress,
  rate: number | undefined,
): string {
  if (state === 'planning') return 'planning'
  const { done, all } = countOf({ rows, doneRows, target })
  const share = all === 0 ? 100 : Math.floor((done * 100) / all)
  const parts = [`${toCount(done)}/${toCount(all)} rows`, `${share} %`]
  if (target !== null) parts.push(`${toCount(doneRows)} source rows`)
  if (rate !== undefined) parts.push(`${rate < 10 ? rate.toFixed(1) : toCount(rate)} rows/s`)
  const tokens = figures.inputTokens + figures.outputTokens
  if (tokens > 0)
    parts.push(`${toShort(tokens)}${ofAbout(forecast && toShort(forecast.tokens))} tokens`)
  const cost = costUsdOf(figures)
  if (cost !== null && cost > 0)
    parts.push(`${usdText(cost)}${ofAbout(forecast?.costUsd && usdText(forecast.costUsd))}`)
  if (jobs !== null)
    parts.push(`${toCount(jobs.finished)}/${toCount(jobs.requests)} answers of batch jobs`)
  if (figures.rejected > 0) parts.push(`${toCount(figures.rejected)} rejected`)
  if (state === 'paused') parts.push('paused')
  else if (state === 'publishing') parts.push('writing the dataset')
  else if (done < all) {
    const seconds = rate === undefined ? forecast?.seconds : (all - done) / rate
    if (seconds != null) parts.push(`${toDuration(seconds)} left`)
  }
  return parts.join('  ')
}

/** What a run's rows are counted by: those that are accepted where it makes so many, else source rows. */
export function countOf({
  rows,
  doneRows,
  target,
}: Pick<Progress, 'rows' | 'doneRows' | 'target'>) {
  return target === null
    ? { done: doneRows, all: rows }
    : { done: target.accepted, all: target.wanted }
}

/** What something will come to, where that is known. */
function ofAbout(total: string | number | null | undefined): string {
  return typeof total === 'string' ? ` of about ${total}` : ''
}

/** A whole number with separators. */
export function toCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Seconds as people say them. */
export function toDuration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function toShort(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(
    value,
  )
}
