import { setTimeout as delay } from 'node:timers/promises'

import { compactJournal } from '../src/storage/journal/compact-journal.ts'
import type { Journal } from '../src/storage/journal/journal.ts'
import { openJournal } from '../src/storage/journal/open-journal.ts'
import type { Store } from '../src/storage/store.ts'
import type { RunRef } from './activities.ts'
import { createAnswers } from './answers.ts'
import type { Answers } from './answers.ts'

/** Segments that are worth a file. */
const segmentsToCompact = 64
const closeMilliseconds = 10_000

interface OpenJournal {
  readonly journal: Journal
  readonly answers: Answers
  /** Executions that have begun since the last look at what others stored. */
  readonly seen: Set<string>
  isCompacting: boolean
}

/** The journals of the pipelines that a process works on. */
export class Journals {
  readonly #store: Store
  readonly #open = new Map<string, Promise<OpenJournal>>()

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * A pipeline's journal with all that was stored before this attempt began: another worker may have had the batch
   * before, or another run asked the same.
   *
   * @param round - names work before which others may have stored answers
   */
  async of(
    pipeline: string,
    { execution }: RunRef,
    attempt: number,
    round = '',
  ): Promise<OpenJournal> {
    const isAtHand = this.#open.has(pipeline)
    const open = await this.#opened(pipeline)
    const work = `${execution}/${round}`
    if (isAtHand && (attempt > 1 || !open.seen.has(work))) await open.journal.refresh()
    open.seen.add(work)
    return open
  }

  /** Merges what has piled up, without holding anybody up; what is half done is done anew. */
  compact(pipeline: string): void {
    void this.#compact(pipeline)
  }

  async #compact(pipeline: string): Promise<void> {
    try {
      const open = await this.#opened(pipeline)
      if (open.isCompacting || open.journal.stats().segments < segmentsToCompact) return
      open.isCompacting = true
      try {
        await compactJournal(this.#store, pipeline)
        // The file takes over from its segments.
        await open.journal.refresh()
      } finally {
        open.isCompacting = false
      }
    } catch {
      // Nothing depends on it, and a later one merges what this one left.
    }
  }

  #opened(pipeline: string): Promise<OpenJournal> {
    const known = this.#open.get(pipeline)
    if (known !== undefined) return known
    const opening = openJournal(this.#store, pipeline).then((journal) => ({
      journal,
      answers: createAnswers(journal),
      seen: new Set<string>(),
      isCompacting: false,
    }))
    this.#open.set(pipeline, opening)
    opening.catch(() => this.#open.delete(pipeline))
    return opening
  }

  /** Stores what is not stored yet. */
  async flush(): Promise<void> {
    await Promise.all(
      [...this.#open.values()].map(async (open) => await (await open).journal.flush()),
    )
  }

  /** Stores what is not stored yet, unless the store stays away for longer than a process that ends can wait. */
  async close(): Promise<void> {
    const all = [...this.#open.values()]
    this.#open.clear()
    const closed = Promise.allSettled(all.map(async (open) => await (await open).journal.close()))
    await Promise.race([closed, delay(closeMilliseconds, undefined, { ref: false })])
  }
}
