import { noBatchFigures } from '../src/core/staged-row.ts'
import type { BatchFigures } from '../src/core/staged-row.ts'
import { callsOf } from '../src/storage/journal/journal.ts'
import type { Journal, JournalAnswer, JournalEntry } from '../src/storage/journal/journal.ts'

/** A request, as the journal knows it. */
export type AskedRequest = Pick<JournalEntry, 'hash' | 'place' | 'position'>

/** Asks for the answers to some of several requests, told by their indexes; an item each, in that order. */
export type AskMissing = (missing: readonly number[]) => readonly Promise<JournalEntry>[]

/** Answers of one pipeline's models, each asked for once. */
export interface Answers {
  /**
   * The answers to requests: the journal's, those of equal requests which are under way, or new ones, which are kept
   * before anybody gets them. What is not known is asked for together.
   */
  get(requests: readonly AskedRequest[], ask: AskMissing): readonly Promise<JournalEntry>[]
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

  /** Waits for an equal request of somebody else, who may be called off; that is no reason for this one. */
  const wait = async (
    going: Promise<JournalEntry>,
    request: AskedRequest,
    ask: AskMissing,
    index: number,
  ) => {
    const entry = await going.catch(() => undefined)
    if (entry !== undefined) return entry
    const [own = Promise.reject(new TypeError('Nothing was asked.'))] = get([request], () =>
      ask([index]),
    )
    return await own
  }

  const keep = async (asking: Promise<JournalEntry>) => {
    const entry = await asking
    journal.add(entry)
    return entry
  }

  const get = (
    requests: readonly AskedRequest[],
    ask: AskMissing,
  ): readonly Promise<JournalEntry>[] => {
    const looks: Promise<JournalEntry | undefined>[] = []
    const own: number[] = []
    let missing: Promise<ReadonlyMap<number, Promise<JournalEntry>>> | undefined
    const askTogether = async () => {
      const found = await Promise.all(looks)
      const unknown = own.filter((_, place) => found[place] === undefined)
      const kept = ask(unknown).map(keep)
      const asking = new Map<number, Promise<JournalEntry>>()
      for (const [place, index] of unknown.entries()) {
        const one = kept[place]
        if (one === undefined) continue
        one.catch(() => {})
        asking.set(index, one)
      }
      return asking
    }
    const obtain = async (index: number, look: Promise<JournalEntry | undefined>) => {
      const known = await look
      if (known !== undefined) return known
      const entry = (await (missing ??= askTogether())).get(index)
      if (entry === undefined) throw new TypeError('A request was left out.')
      return await entry
    }
    return requests.map((request, index) => {
      const { hash } = request
      const going = underWay.get(hash)
      if (going !== undefined) return wait(going, request, ask, index)
      const look = lookUp(hash)
      looks.push(look)
      own.push(index)
      const obtaining = obtain(index, look).finally(() => underWay.delete(hash))
      underWay.set(hash, obtaining)
      return obtaining
    })
  }

  return { get }
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
  use(place: string, entry: JournalEntry): JournalAnswer {
    const { answer, costNanoUsd, run } = entry
    const figures = this.#figures
    if (run !== this.#run) this.#figures = { ...figures, reusedAnswers: figures.reusedAnswers + 1 }
    else if (entry.place !== place)
      this.#figures = { ...figures, sharedAnswers: figures.sharedAnswers + 1 }
    else
      this.#figures = {
        ...figures,
        calls: figures.calls + callsOf(answer),
        furtherAnswers: figures.furtherAnswers + 1 - callsOf(answer),
        inputTokens: figures.inputTokens + answer.usage.inputTokens,
        outputTokens: figures.outputTokens + answer.usage.outputTokens,
        cachedInputTokens: figures.cachedInputTokens + (answer.usage.cachedInputTokens ?? 0),
        reasoningTokens: figures.reasoningTokens + (answer.usage.reasoningTokens ?? 0),
        costNanoUsd: figures.costNanoUsd + (costNanoUsd ?? 0),
        unpricedCalls: figures.unpricedCalls + (costNanoUsd === null ? callsOf(answer) : 0),
      }
    return answer
  }
}
