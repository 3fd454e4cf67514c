import type { BatchJobs, JobIntent } from '../../src/core/batch-jobs.ts'
import { isRetortError, RetortError } from '../../src/core/errors.ts'
import type { Intent, Intents, IntentState } from './intents.ts'

/** Milliseconds after which a job that cannot be found is believed never to have been handed in. */
const believedAfter = 600_000
const lookAgainAfter = 30_000

/** What handing a job in needs. */
export interface Submitting {
  readonly intents: Intents
  readonly jobs: BatchJobs
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Returns once the run may spend what the job may take at most.
   *
   * @returns the block of its budget that the job is paid from
   */
  reserve(intent: Intent): Promise<string>
}

/**
 * Hands an intent in as a job, or finds the job that it has become.
 *
 * What may have been handed in is looked for before it is handed in again, and believed to be nowhere only ten minutes
 * after it was tried: no provider lists a job at once.
 *
 * @returns the job's id
 * @throws RetortError to be repeated where it cannot be told yet
 */
export async function submitJob(id: string, submitting: Submitting): Promise<string> {
  const { intents, jobs, signal, now } = submitting
  const { state, version } = await intents.state(id)
  if (state.job !== null) return state.job
  const intent = await intents.get(id)
  if (intent === undefined) throw new RetortError('internal', `Intent '${id}' is not in the store.`)
  if (state.submittedAt !== null) {
    const known = await othersJobs(id, state, intents)
    const found = await jobs.find(toJobIntent(intent, state.submittedAt), known, signal)
    if (found !== undefined) {
      const { id: job, isCertain } = found
      return (await intents.setState(id, { ...state, job, isCertain }, version))
        ? job
        : await submitJob(id, submitting)
    }
    if (now() - state.submittedAt < believedAfter)
      throw new RetortError(
        'provider-unavailable',
        `The batch job of step '${intent.step}' may or may not have been handed in; its provider is asked again until that is known.`,
        { retryAfterMs: lookAgainAfter },
      )
  }
  const budgetBlock = await submitting.reserve(intent)
  const submittedAt = now()
  const trying: IntentState = { ...state, submittedAt, budgetBlock }
  if (!(await intents.setState(id, trying, version))) return await submitJob(id, submitting)
  return await handIn(intent, trying, submitting)
}

async function handIn(
  intent: Intent,
  trying: IntentState,
  { intents, jobs, signal }: Submitting,
): Promise<string> {
  const { id } = intent
  const submittedAt = trying.submittedAt ?? 0
  const settle = async (state: Partial<IntentState>) => {
    const { version, state: stored } = await intents.state(id)
    // Whoever found it meanwhile has written the same.
    if (stored.job === null) await intents.setState(id, { ...trying, ...state }, version)
  }
  try {
    const lines = textsOf(intents, id)
    const job = await jobs.submit(toJobIntent(intent, submittedAt), lines, signal)
    await settle({ job, isCertain: true })
    return job
  } catch (error) {
    // A refusal is no job; anything else may be one whose id did not arrive.
    if (isRetortError(error) && error.verdict !== 'retry') await settle({ submittedAt: null })
    throw error
  }
}

async function* textsOf(intents: Intents, id: string): AsyncGenerator<string> {
  for await (const { text } of intents.input(id)) yield text
}

/** The jobs that cannot be the one of an intent. */
async function othersJobs(
  id: string,
  { foreign }: IntentState,
  intents: Intents,
): Promise<ReadonlySet<string>> {
  const others = (await intents.list()).filter((other) => other.id !== id)
  const states = await Promise.all(others.map((other) => intents.state(other.id)))
  return new Set([...foreign, ...states.flatMap(({ state }) => state.job ?? [])])
}

function toJobIntent({ id, requests }: Intent, submittedAt: number): JobIntent {
  return { id, requests, submittedAt }
}
