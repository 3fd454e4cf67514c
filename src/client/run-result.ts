import {
  ApplicationFailure,
  CancelledFailure,
  ServiceError,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client'

import type { RunOutcome } from '../../activities/activities.ts'
import { isErrorCode, isRetortError, messageOf, RetortError, verdictOf } from '../core/errors.ts'
import type { DatasetManifest } from '../storage/dataset/dataset-manifest.ts'
import { toPublishedDataset } from '../storage/dataset/published-dataset.ts'
import { costUsdOf } from '../core/price.ts'
import { noFigures, tokensOf } from '../core/run-report.ts'
import type { Progress, RunResult, RunStatus } from '../core/run-report.ts'
import type { RunHandle } from './start-workflow.ts'

/** The result of a run that has completed. */
export function completedResult(
  runId: string,
  { dataset, figures, seconds }: RunOutcome,
): RunResult {
  return {
    runId,
    status: 'completed',
    dataset,
    calls: figures.calls,
    reusedAnswers: figures.reusedAnswers,
    sharedAnswers: figures.sharedAnswers,
    tokens: tokensOf(figures),
    costUsd: costUsdOf(figures),
    seconds,
    error: null,
  }
}

/** The result of a run that completed earlier, out of its dataset's manifest. */
export function storedResult(storeUri: string, manifest: DatasetManifest): RunResult {
  const { tokens, calls, reusedAnswers, sharedAnswers, costUsd, seconds, run } = manifest
  return {
    runId: run,
    status: 'completed',
    dataset: toPublishedDataset(storeUri, manifest),
    calls,
    reusedAnswers,
    sharedAnswers,
    tokens,
    costUsd,
    seconds,
    error: null,
  }
}

/**
 * Waits for a run's end and tells it; never rejects for what the run did.
 *
 * @param progress - asked for the figures of a run that ends without a dataset
 */
export async function awaitResult(
  runId: string,
  handle: RunHandle,
  progress: () => Promise<Progress | undefined>,
): Promise<RunResult> {
  const startedAt = Date.now()
  try {
    return completedResult(runId, await handle.result())
  } catch (error) {
    const seen = await progress().catch(() => undefined)
    return endedResult(runId, error, (Date.now() - startedAt) / 1_000, seen)
  }
}

/** The result of a run that was left before its end. */
export function interruptedResult(
  runId: string,
  startedAt: number,
  progress: Progress | undefined,
): RunResult {
  const seconds = (Date.now() - startedAt) / 1_000
  return withoutDataset(runId, 'interrupted', null, seconds, progress)
}

/** The result of a run that ended without a dataset. */
export function endedResult(
  runId: string,
  error: unknown,
  seconds: number,
  progress: Progress | undefined,
): RunResult {
  const cause = error instanceof WorkflowFailedError ? error.cause : error
  if (cause instanceof CancelledFailure)
    return withoutDataset(runId, 'cancelled', null, seconds, progress)
  const told = toRunError(cause)
  const status = verdictOf(told.code) === 'stop' && told.code !== 'internal' ? 'stopped' : 'failed'
  return withoutDataset(runId, status, told, seconds, progress)
}

/** What is known of a run that has left no dataset. */
function withoutDataset(
  runId: string,
  status: RunStatus,
  error: RunResult['error'],
  seconds: number,
  progress: Progress | undefined,
): RunResult {
  const figures = progress?.figures ?? noFigures
  const { calls, reusedAnswers, sharedAnswers } = figures
  return {
    runId,
    status,
    dataset: null,
    calls,
    reusedAnswers,
    sharedAnswers,
    tokens: tokensOf(figures),
    // Nothing is known of a run that told nothing.
    costUsd: progress === undefined ? null : costUsdOf(figures),
    seconds,
    error,
  }
}

function toRunError(cause: unknown): NonNullable<RunResult['error']> {
  if (cause instanceof ApplicationFailure) {
    const code = cause.type ?? ''
    const [data] = cause.details ?? []
    const step =
      typeof data === 'object' && data !== null && 'step' in data ? String(data.step) : null
    return { code: isErrorCode(code) ? code : 'internal', message: cause.message, step }
  }
  if (isRetortError(cause)) return { code: cause.code, message: cause.message, step: null }
  if (cause instanceof TerminatedFailure)
    return {
      code: 'run-superseded',
      message: 'The run was terminated; the same command resumes it.',
      step: null,
    }
  if (cause instanceof WorkflowNotFoundError)
    return {
      code: 'run-superseded',
      message:
        'The Temporal server lost the run, as when its files are removed; the same command goes on from what is stored.',
      step: null,
    }
  if (cause instanceof ServiceError)
    return {
      code: 'internal',
      message: `The Temporal server went away in the middle of the run (${messageOf(cause.cause)}); the same command goes on from what is stored.`,
      step: null,
    }
  if (cause instanceof TimeoutFailure)
    return {
      code: 'internal',
      message: 'The run timed out; the same command resumes it.',
      step: null,
    }
  return { code: 'internal', message: messageOf(cause), step: null }
}

/** The error that a program gets where it awaits a result that there is not. */
export function toError(result: RunResult): RetortError {
  return new RetortError(
    result.error?.code ?? 'internal',
    result.error?.message ?? `Run '${result.runId}' ended as ${result.status}.`,
    { data: { run: result.runId, status: result.status } },
  )
}
