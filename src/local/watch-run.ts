import { setTimeout as delay } from 'node:timers/promises'

import type { RunResult } from '../core/run-report.ts'
import type { RunSession } from './run-here.ts'

const lookMilliseconds = 1_000

/** A run that another process serves. */
export interface WatchedRun {
  readonly session: Omit<RunSession, 'isAttached' | 'isComplete' | 'result' | 'interrupt'>
  /** How the execution ends that was found going. */
  readonly ended: Promise<RunResult>
  /** Whether it goes on and nobody serves it any more. */
  isLeft(): Promise<boolean>
  /** Starts the run again, with a worker in this process. */
  goOn(): Promise<RunSession>
}

/** Watches a run, and goes on with it in this process where the one that serves it ends before the run does. */
export function watchRun({ session, ended, isLeft, goOn }: WatchedRun): RunSession {
  let own: RunSession | undefined
  const over = new AbortController()
  const left = async () => {
    // A look that fails says nothing; the next one may.
    while (!(await isLeft().catch(() => false)))
      await delay(lookMilliseconds, undefined, { signal: over.signal })
    return undefined
  }
  const toItsEnd = async () => {
    try {
      const result = await Promise.race([ended, left()])
      if (result !== undefined) return result
      own = await goOn()
      return await own.result
    } finally {
      over.abort()
    }
  }
  return {
    ...session,
    get isAttached() {
      return own?.isAttached ?? true
    },
    isComplete: false,
    result: toItsEnd(),
    // Between the two nobody can tell: the watched one's calls are cancelled, and the own one is not there yet.
    progress: async () =>
      own === undefined ? await session.progress().catch(() => undefined) : await own.progress(),
    callsInFlight: () => own?.callsInFlight() ?? 0,
    blockedReason: () => own?.blockedReason() ?? null,
    interrupt: async () => await own?.interrupt(),
    async close() {
      over.abort()
      await (own ?? session).close()
    },
  }
}
