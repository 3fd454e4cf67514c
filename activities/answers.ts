import type { ChatAnswer } from '../src/core/chat.ts'
import { noBatchFigures } from '../src/core/staged-row.ts'
import type { BatchFigures } from '../src/core/staged-row.ts'
import type { Journal, JournalEntry } from '../src/storage/journal/journal.ts'

/** Answers of one pipeline's models, each asked for once. */
export interface Answers {
  /**
   * The answer to a request: the journal's, that of an equal request which is under way, or a new one, which is kept
   * before anybody gets it.
   */
  get(hash: string, ask: () => Promise<JournalEntry>): Promise<JournalEntry>
}

/** Looks for each request's answer before it is asked for; requests that come together are looked up together. */
export function createAnswers(journal: Journal): Answers {
  const underWay = new Map<string, Promise<JournalEntry>>()
  let asked: Map<string, PromiseWithResolvers<JournalEntry | undefined>> | undefined

  const lookUp = (hash: string): Promise<JournalEntry | undefined> => {
    if (asked === undefined) {
      const group = new Map<string, PromiseWithResolvers<JournalEntry | undefined>>()
      asked = group
      // A batch asks for all of its rows before it waits for any of them.
      queueMicrotask(() => {
        asked = undefined
        journal.find([...group.keys()]).then(
          (found) => group.forEach((wait, key) => wait.resolve(found.get(key))),
          (error: unknown) => group.forEach((wait) => wait.reject(error)),
        )
      })
    }
    const wait = asked.get(hash) ?? Promise.withResolvers<JournalEntry | undefined>()
    asked.set(hash, wait)
    return wait.promise
  }

  const obtain = async (hash: string, ask: () => Promise<JournalEntry>) => {
    const known = await lookUp(hash)
    if (known !== undefined) return known
    const entry = await ask()
    journal.add(entry)
    return entry
  }

  return {
    async get(hash, ask) {
      for (;;) {
        const going = underWay.get(hash)
        if (going === undefined) break
        // Whoever asks may be called off; that is no reason for this one.
        const entry = await going.catch(() => undefined)
        if (entry !== undefined) return entry
      }
      const own = obtain(hash, ask).finally(() => underWay.delete(hash))
      underWay.set(hash, own)
      return await own
    },
  }
}

/** Adds up what the answers that a batch used count for in a run. */
export class AnswerCount {
  readonly #run: string
  #figures = noBatchFigures

  constructor(run: string) {
    this.#run = run
  }

  get figures(): BatchFigures {
    return this.#figures
  }

  /** Counts an answer that was used at a place: paid for it, paid by this run for another place, or by another run. */
  use(place: string, entry: JournalEntry): ChatAnswer {
    const { answer, costNanoUsd, run } = entry
    const figures = this.#figures
    if (run !== this.#run) this.#figures = { ...figures, reusedAnswers: figures.reusedAnswers + 1 }
    else if (entry.place !== place)
      this.#figures = { ...figures, sharedAnswers: figures.sharedAnswers + 1 }
    else
      this.#figures = {
        ...figures,
        calls: figures.calls + 1,
        inputTokens: figures.inputTokens + answer.usage.inputTokens,
        outputTokens: figures.outputTokens + answer.usage.outputTokens,
        costNanoUsd: figures.costNanoUsd + (costNanoUsd ?? 0),
        unpricedCalls: figures.unpricedCalls + (costNanoUsd === null ? 1 : 0),
      }
    return answer
  }
}
