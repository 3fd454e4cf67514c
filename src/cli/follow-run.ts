import { setTimeout as delay } from 'node:timers/promises'

import type { Progress } from '../core/run-report.ts'
import { commandName, quoteWord } from './command-name.ts'
import { countOf, progressText, RowRate } from './progress-text.ts'
import { dim } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Milliseconds between two readings, on a terminal and elsewhere. */
const liveMilliseconds = 500
const plainMilliseconds = 10_000
const blockedMilliseconds = 10_000
/** Readings ask every lane, so that they take at most this share of the time. */
const largestShare = 0.05

/** A run that is going. */
export interface FollowedRun<T> {
  readonly runId: string
  readonly result: Promise<T>
  progress(): Promise<Progress | undefined>
  /** Why a provider is not asked at the moment, as one sentence, where that is known here. */
  blockedReason?(): string | null
}

/** How a run was followed. */
export interface Followed<T> {
  readonly result: T
  /** What the run told the user. */
  readonly notices: ReadonlySet<string>
}

/** Shows how far a run is until it ends; what it tells the user is written once. */
export async function followRun<T>(
  run: FollowedRun<T>,
  terminal: Terminal,
  store?: string,
): Promise<Followed<T>> {
  const notices = new Set<string>()
  const rate = new RowRate()
  const ended = run.result.then(
    () => true,
    () => true,
  )
  let shownAt = performance.now()
  let pausedReason: string | null = null
  let blocked = { reason: null as string | null, since: shownAt, isTold: false }
  while (!(await isOver(ended, liveMilliseconds))) {
    const startedAt = performance.now()
    const progress = await Promise.race([run.progress(), ended.then(() => undefined)])
    const now = performance.now()
    if (progress !== undefined) {
      for (const notice of progress.notices) {
        if (!notices.has(notice)) tell(notice, terminal)
        notices.add(notice)
      }
      if (progress.pausedReason !== pausedReason) {
        pausedReason = progress.pausedReason
        terminal.note(pauseText(run.runId, pausedReason, store))
      }
      const reason = run.blockedReason?.() ?? null
      if (reason === null || blocked.reason === null)
        blocked = { reason, since: now, isTold: false }
      // A provider that asks for a moment's patience is nothing to tell.
      if (reason !== null && !blocked.isTold && now - blocked.since >= blockedMilliseconds) {
        tell(reason, terminal)
        blocked.isTold = true
      }
      const text = progressText(progress, rate.add(now, countOf(progress).done))
      if (terminal.isLive || now - shownAt >= plainMilliseconds) {
        terminal.status(text)
        shownAt = now
      }
    }
    if (await isOver(ended, (now - startedAt) / largestShare - liveMilliseconds)) break
  }
  terminal.clear()
  return { result: await run.result, notices }
}

/** What is said when a run is paused, with how to go on, and when it does. */
function pauseText(runId: string, reason: string | null, store: string | undefined): string {
  if (reason === null) return `Run '${runId}' goes on.`
  const where = store === undefined ? '' : ` --store ${quoteWord(store)}`
  return `Run '${runId}' is paused: ${reason}\nThis resumes it, from another terminal:\n  ${commandName()} resume ${quoteWord(runId)}${where}`
}

/** Writes what a run tells the user. */
export function tell(notice: string, terminal: Terminal): void {
  terminal.note(dim(notice))
}

async function isOver(ended: Promise<boolean>, milliseconds: number): Promise<boolean> {
  const stop = new AbortController()
  const elapsed = delay(Math.max(0, milliseconds), false, { signal: stop.signal })
  try {
    return await Promise.race([ended, elapsed.catch(() => true)])
  } finally {
    stop.abort()
  }
}
