import type { ErrorCode } from './errors.ts'
import type { Forecast } from './forecast.ts'

/** Counts of a run or a part of it. */
export interface Figures {
  /** Model requests of this run id that returned an answer. */
  readonly calls: number
  /** Answers beyond the first of calls that brought several. */
  readonly furtherAnswers: number
  /** Answers used that this run id did not pay. */
  readonly reusedAnswers: number
  /** Answers that rows used which an equal request of another row of this run had paid. */
  readonly sharedAnswers: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** The part of `inputTokens` that providers had at hand from earlier calls. */
  readonly cachedInputTokens: number
  /** The part of `outputTokens` that was thought and not said. */
  readonly reasoningTokens: number
  /** Billionths of a US dollar that the calls cost whose price is known. */
  readonly costNanoUsd: number
  /** Calls whose price is not known. */
  readonly unpricedCalls: number
  /** Distinct (row, step). */
  readonly rejected: number
}

/** Nothing counted. */
export const noFigures: Figures = {
  calls: 0,
  furtherAnswers: 0,
  reusedAnswers: 0,
  sharedAnswers: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  costNanoUsd: 0,
  unpricedCalls: 0,
  rejected: 0,
}

/** Adds counts up. */
export function addFigures(a: Figures, b: Figures): Figures {
  return combine(a, b, (one, other) => one + other)
}

/** Of two readings of counts that only grow, the later one. */
export function laterFigures(a: Figures, b: Figures): Figures {
  return combine(a, b, Math.max)
}

// Every count there is, whatever else the objects hold that are combined.
const figureNames = Object.keys(noFigures) as (keyof Figures)[]

function combine(a: Figures, b: Figures, of: (one: number, other: number) => number): Figures {
  const combined: Record<keyof Figures, number> = { ...noFigures }
  for (const name of figureNames) combined[name] = of(a[name], b[name])
  return combined
}

/** Tokens of a run, as people and programs read them; parts that are none are left out. */
export interface Tokens {
  readonly input: number
  readonly output: number
  /** The part of `input` that providers had at hand from earlier calls. */
  readonly cachedInput?: number
  /** The part of `output` that was thought and not said. */
  readonly reasoning?: number
}

/** What counts say of tokens. */
export function tokensOf(
  figures: Pick<Figures, 'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'reasoningTokens'>,
): Tokens {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = figures
  return {
    input: inputTokens,
    output: outputTokens,
    ...(cachedInputTokens > 0 ? { cachedInput: cachedInputTokens } : {}),
    ...(reasoningTokens > 0 ? { reasoning: reasoningTokens } : {}),
  }
}

/** The dataset that a run left. */
export interface PublishedDataset {
  readonly name: string
  readonly version: string
  readonly uri: string
  /** Sum over the leaves. */
  readonly rows: number
  readonly rejected: number
  /** Leaf to its rows. */
  readonly leaves: Readonly<Record<string, number>>
  /** Source rows that were needed for exactly as many rows as were asked for; left out where all were taken. */
  readonly sourceRows?: number
}

/** What a run is at. */
export type RunState = 'planning' | 'running' | 'paused' | 'publishing' | 'completed'

/** How far a run is. */
export interface Progress {
  readonly state: RunState
  /** Why it is paused, as one sentence; `null` while it is not. */
  readonly pausedReason: string | null
  /** Source rows; where rows are made until enough pass, those that it will take, about. */
  readonly rows: number
  /** Source rows that have gone through every step; rises smoothly, since each step counts for its share. */
  readonly doneRows: number
  /** How many rows have passed every step, of a run that goes on until enough have; else `null`. */
  readonly target: { readonly accepted: number; readonly wanted: number } | null
  readonly figures: Figures
  /** Requests of batch jobs that are waited for, and how many of them have a result; `null` while there are none. */
  readonly jobs: { readonly requests: number; readonly finished: number } | null
  /** What it will come to; `null` before 2 % of the rows are done, and while nothing was paid. */
  readonly forecast: Forecast | null
  readonly steps: readonly {
    readonly name: string
    readonly doneRows: number
    readonly rows: number
  }[]
  readonly notices: readonly string[]
}

/** How a run ended. */
export type RunStatus = 'completed' | 'stopped' | 'failed' | 'cancelled' | 'interrupted'

/** What a run came to; what `--json` prints. */
export interface RunResult {
  readonly runId: string
  readonly status: RunStatus
  /** `null` unless committed. */
  readonly dataset: PublishedDataset | null
  /** Model requests of this run id that returned an answer. */
  readonly calls: number
  /** Answers used but not paid by this run id. */
  readonly reusedAnswers: number
  /** Uses of answers that this run id paid for an equal request of another row. */
  readonly sharedAnswers: number
  readonly tokens: Tokens
  /** US dollars that the calls cost; `null` where the price of any of them is not known. */
  readonly costUsd: number | null
  /** From the start of the workflow to the committed dataset. */
  readonly seconds: number
  readonly error: {
    readonly code: ErrorCode
    readonly step: string | null
    readonly message: string
  } | null
}
