import type { Clock } from '../../core/clock.ts'
import { isRetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { encodeSegment, type EncodedSegment } from './encode-segment.ts'
import { segmentsFolder } from './journal-keys.ts'
import type { JournalEntry } from './journal.ts'

const flushAnswers = 256
/** So that an answer is stored within a second, the store's own time included. */
const flushMilliseconds = 800
const mostAnswersAtOnce = 1_024
const flushesAtOnce = 4
const behindAnswers = 2_048
const behindMilliseconds = 5_000
const firstDelay = 100
const longestDelay = 5_000

/** What a {@link SegmentWriter} needs. */
export interface SegmentWriterOptions {
  readonly store: Store
  readonly pipeline: string
  /** Makes a segment's name. */
  readonly nextName: () => string
  readonly clock: Clock
  /** Told of each segment when it is stored, before its answers stop being found here. */
  readonly onStored: (key: string, segment: EncodedSegment) => void
}

/** Answers that are stored together. */
interface Batch {
  readonly entries: readonly JournalEntry[]
  /** When the oldest one came. */
  readonly since: number
  /** Its key and content, once it has them: whoever tries again writes the same object. */
  encoded: { readonly key: string; readonly segment: EncodedSegment } | undefined
  isBeingStored: boolean
}

/** Stores answers in segments without holding up who adds them. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  readonly #unstored = new Map<string, JournalEntry>()
  #buffer: { readonly entry: JournalEntry; readonly since: number }[] = []
  readonly #batches = new Set<Batch>()
  #active = 0
  #count = 0
  #failure: Error | undefined
  #cancelTimer: (() => void) | undefined
  #change = Promise.withResolvers<void>()

  constructor(options: SegmentWriterOptions) {
    this.#options = options
  }

  /** Answers that are not stored yet. */
  get count(): number {
    return this.#count
  }

  /** An answer that is not stored yet. */
  find(hash: string): JournalEntry | undefined {
    return this.#unstored.get(hash)
  }

  add(entry: JournalEntry): void {
    this.#buffer.push({ entry, since: this.#options.clock.now() })
    this.#count += 1
    if (!this.#unstored.has(entry.hash)) this.#unstored.set(entry.hash, entry)
    this.#storeWhatIsDue()
  }

  /** Returns when calls may go on. @throws RetortError where the store takes nothing until somebody mends it */
  async ready(): Promise<void> {
    await this.#mend()
    while (this.#isBehind()) {
      this.#begin()
      await this.#change.promise
      this.#check()
    }
  }

  /** Stores everything that was added until here. @throws RetortError as {@link ready} */
  async flush(): Promise<void> {
    while (this.#buffer.length > 0) this.#cut()
    const batches = [...this.#batches]
    await this.#mend()
    this.#begin()
    while (batches.some((batch) => this.#batches.has(batch))) {
      await this.#change.promise
      this.#check()
    }
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Tries again what the store refused; whoever asks meanwhile waits for the same attempt. */
  async #mend(): Promise<void> {
    if (this.#failure === undefined) return
    this.#begin()
    while (this.#active > 0) await this.#change.promise
    this.#check()
  }

  #isBehind(): boolean {
    if (this.#count > behindAnswers) return true
    const [oldest] = this.#batches
    const since = oldest?.since ?? this.#buffer[0]?.since
    return since !== undefined && this.#options.clock.now() - since > behindMilliseconds
  }

  #storeWhatIsDue(): void {
    if (this.#failure !== undefined) return
    const age = this.#options.clock.now() - (this.#buffer[0]?.since ?? Infinity)
    const isWaiting = this.#batches.size > this.#active
    if (isWaiting || this.#buffer.length >= flushAnswers || age >= flushMilliseconds) this.#begin()
    if (this.#buffer.length > 0 && this.#active < flushesAtOnce)
      this.#cancelTimer ??= this.#options.clock.after(flushMilliseconds - Math.max(0, age), () => {
        this.#cancelTimer = undefined
        this.#storeWhatIsDue()
      })
  }

  /** Starts to store as much as may be under way at once. */
  #begin(): void {
    for (const batch of this.#batches) {
      if (this.#active >= flushesAtOnce) return
      if (!batch.isBeingStored) void this.#store(batch)
    }
    while (this.#buffer.length > 0 && this.#active < flushesAtOnce) void this.#store(this.#cut())
  }

  #cut(): Batch {
    const taken = this.#buffer.splice(0, mostAnswersAtOnce)
    const batch: Batch = {
      entries: taken.map(({ entry }) => entry),
      since: taken[0]?.since ?? 0,
      encoded: undefined,
      isBeingStored: false,
    }
    this.#batches.add(batch)
    if (this.#buffer.length === 0) this.stop()
    return batch
  }

  async #store(batch: Batch): Promise<void> {
    batch.isBeingStored = true
    this.#active += 1
    try {
      await this.#putUntilItHolds(batch)
      this.#forget(batch)
      this.#failure = undefined
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
    }
    batch.isBeingStored = false
    this.#active -= 1
    const change = this.#change
    this.#change = Promise.withResolvers<void>()
    change.resolve()
    this.#storeWhatIsDue()
  }

  async #putUntilItHolds(batch: Batch): Promise<void> {
    for (let delay = firstDelay; ; delay = Math.min(delay * 2, longestDelay))
      try {
        await this.#put(batch)
        return
      } catch (error) {
        if (!isRetortError(error) || error.verdict !== 'retry') throw error
        await new Promise<void>((resolve) => this.#options.clock.after(delay, resolve))
      }
  }

  async #put(batch: Batch): Promise<void> {
    const { store, pipeline, nextName, onStored } = this.#options
    for (;;) {
      if (batch.encoded === undefined) {
        const name = nextName()
        const segment = await encodeSegment(name, batch.entries)
        batch.encoded = { key: `${segmentsFolder(pipeline)}${name}`, segment }
      }
      const { key, segment } = batch.encoded
      if (!(await store.putIfAbsent(key, segment.bytes))) {
        // Where an earlier attempt got through although it failed, this very segment is there already.
        const there = await store.get(key)
        if (there === undefined || Buffer.compare(there, segment.bytes) !== 0) {
          batch.encoded = undefined
          continue
        }
      }
      onStored(key, segment)
      return
    }
  }

  #forget(batch: Batch): void {
    for (const entry of batch.entries)
      if (this.#unstored.get(entry.hash) === entry) this.#unstored.delete(entry.hash)
    this.#count -= batch.entries.length
    this.#batches.delete(batch)
  }
}
