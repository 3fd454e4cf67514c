import type { ChatAnswer } from '../../core/chat.ts'
import type { EmbeddingAnswer } from '../../core/embedding-model.ts'
import type { ImageAnswer } from '../../core/image-model.ts'

/** What a model of any kind answered. */
export type JournalAnswer = ChatAnswer | EmbeddingAnswer | ImageAnswer

/** How many calls an answer counts for: none where it came with another one's. */
export function callsOf(answer: JournalAnswer): number {
  return 'isFurther' in answer && answer.isFurther === true ? 0 : 1
}

/** An answer to be kept. */
export interface JournalEntry {
  /** The first 32 hexadecimal digits of the hash of the logical request; what it is found by. */
  readonly hash: string
  readonly answer: JournalAnswer
  /** The run that paid it. */
  readonly run: string
  /** Where it was first asked: step, origin, sample and ask, as one text. Whoever asks from there again paid it. */
  readonly place: string
  /** Source position that it was asked for; compacted files are in this order. */
  readonly position: number
  /** Billionths of a US dollar; `null` where no price is known. */
  readonly costNanoUsd: number | null
  /** The block of the run's budget that it was paid from, where the run has one. */
  readonly budgetBlock: string | null
}

/** What a journal holds and what was wrong with it. */
export interface JournalStats {
  /** Distinct requests that it answers. */
  readonly answers: number
  readonly segments: number
  readonly files: number
  /** Bytes of memory that finding answers takes. */
  readonly indexBytes: number
  /** Keys of objects that could not be read and were passed over, with why. */
  readonly damaged: readonly { readonly key: string; readonly reason: string }[]
  /** Answers that are not stored yet. */
  readonly unstored: number
}

/** Every answer that the models of one pipeline gave, stored as it arrives, found by the hash of the request. */
export interface Journal {
  /** Learns of what other processes have stored; cheap where nothing came. */
  refresh(): Promise<void>
  /** The entries of those requests that are answered, whoever asked them. */
  find(hashes: readonly string[]): Promise<ReadonlyMap<string, JournalEntry>>
  /** Keeps an answer: it is found at once, and stored within a second or with 255 others, whichever is first. */
  add(entry: JournalEntry): void
  /** Returns when calls may go on: at once, unless the store is behind (more than 2,048 answers, or one older than 5 s). */
  ready(): Promise<void>
  /** Stores what is not stored yet. */
  flush(): Promise<void>
  stats(): JournalStats
  /** Flushes, and ends the timers. */
  close(): Promise<void>
}

/** The folder of a pipeline's journal. */
export function journalFolder(pipeline: string): string {
  return `pipelines/${pipeline}/journal/`
}
