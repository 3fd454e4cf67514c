import { isRetortError, messageOf } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { RunResult } from '../core/run-report.ts'

/** What a process says by its exit code. */
export const exitCodes = { completed: 0, failed: 1, invalid: 2, interrupted: 130 } as const

/** What was thrown, as one sentence and a code. */
export interface ReportedError {
  readonly code: ErrorCode
  readonly step: string | null
  readonly message: string
}

/** Turns anything that was thrown into what is told of it. */
export function toReported(error: unknown): ReportedError {
  if (!isRetortError(error))
    return {
      code: 'internal',
      step: null,
      message: `Something unexpected happened: ${messageOf(error)} (RETORT_DEBUG=1 shows where).`,
    }
  const step = error.data?.['step']
  return { code: error.code, step: typeof step === 'string' ? step : null, message: error.message }
}

/** Writes an error to stderr as one sentence; with `RETORT_DEBUG` also where it came from. */
export function printError(error: unknown): void {
  const { message } = toReported(error)
  process.stderr.write(`error: ${message}\n`)
  if (isDebugging() && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`)
}

/** The exit code for something that was thrown. */
export function exitCodeOf(error: unknown): number {
  return isRetortError(error) && error.verdict === 'invalid' ? exitCodes.invalid : exitCodes.failed
}

/** What a run came to that could not even be started. */
export function unstartedResult(runId: string | null, error: ReportedError | null) {
  return {
    runId,
    status: 'failed',
    dataset: null,
    calls: 0,
    reusedAnswers: 0,
    sharedAnswers: 0,
    tokens: { input: 0, output: 0 },
    costUsd: null,
    seconds: 0,
    error,
  } satisfies Omit<RunResult, 'runId'> & { readonly runId: string | null }
}

function isDebugging(): boolean {
  return (process.env['RETORT_DEBUG'] ?? '') !== ''
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own
}
