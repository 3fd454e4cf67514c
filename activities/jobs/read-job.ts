import type { BatchJobs } from '../../src/core/batch-jobs.ts'
import type { ChatAnswer } from '../../src/core/chat.ts'
import { RetortError } from '../../src/core/errors.ts'
import { costNanoUsd } from '../../src/core/price.ts'
import type { Journal, JournalEntry } from '../../src/storage/journal/journal.ts'
import type { Intent, Intents } from './intents.ts'

/** Results that are looked up in the journal together. */
const resultsAtOnce = 256

/** What reading a job needs. */
export interface ReadingJob {
  readonly intents: Intents
  readonly jobs: BatchJobs
  readonly journal: Journal
  readonly signal: AbortSignal
}

/** What reading a job came to. */
export interface JobOutcome {
  /** Requests that have an answer. */
  readonly answered: number
  /** Whether it was somebody else's, so that the intent is to be handed in again. */
  readonly isForeign: boolean
}

/**
 * Puts the answers of an ended job into the journal. What has none is left to be asked online.
 *
 * Safe to run twice: what the journal has is not added, and so not counted, again.
 */
export async function readJob(
  id: string,
  problem: string | null,
  { intents, jobs, journal, signal }: ReadingJob,
): Promise<JobOutcome> {
  const ended = await intents.end(id)
  if (ended !== undefined) return { answered: ended.answered, isForeign: false }
  const intent = await intents.get(id)
  const { state, version } = await intents.state(id)
  if (intent === undefined || state.job === null)
    throw new RetortError('internal', `Intent '${id}' has no job to read.`)
  const places = await placesOf(intents, id)
  let answered = 0
  let some: JournalEntry[] = []
  const keep = async () => {
    const known = await journal.find(some.map(({ hash }) => hash))
    await journal.ready()
    for (const entry of some) if (!known.has(entry.hash)) journal.add(entry)
    answered += some.length
    some = []
  }
  for await (const result of jobs.results(state.job, signal)) {
    const place = places.get(result.id)
    if (place === undefined && !state.isCertain && answered + some.length === 0) {
      const foreign = [...state.foreign, state.job]
      const next = { ...state, job: null, submittedAt: null, isCertain: false, foreign }
      await intents.setState(id, next, version)
      return { answered: 0, isForeign: true }
    }
    if (place === undefined || !('answer' in result)) continue
    some.push(toEntry(intent, state.budgetBlock, result.id, place, result.answer))
    if (some.length === resultsAtOnce) await keep()
  }
  await keep()
  await journal.flush()
  await intents.setEnd(id, { answered, problem })
  return { answered, isForeign: false }
}

/** Where each request of an intent was asked. */
async function placesOf(
  intents: Intents,
  id: string,
): Promise<ReadonlyMap<string, Pick<JournalEntry, 'place' | 'position'>>> {
  const places = new Map<string, Pick<JournalEntry, 'place' | 'position'>>()
  for await (const { hash, place, position } of intents.input(id))
    places.set(hash, { place, position })
  return places
}

function toEntry(
  { run, price }: Intent,
  budgetBlock: string | null,
  hash: string,
  place: Pick<JournalEntry, 'place' | 'position'>,
  answer: ChatAnswer,
): JournalEntry {
  const cost = price === null ? null : costNanoUsd(answer.usage, price)
  return { hash, ...place, run, costNanoUsd: cost, budgetBlock, answer }
}
