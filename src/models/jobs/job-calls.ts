import type { JobStatus } from '../../core/batch-jobs.ts'
import { RetortError } from '../../core/errors.ts'

import type { ProviderCall, ProviderCaller } from '../http/provider-call.ts'
import { statusOf } from '../http/provider-error.ts'

/** The member of a job's metadata that tells whose it is. */
export const intentMember = 'retort_intent'
/** How much older a job may be than its intent was tried: clocks differ, and it may have been tried long before. */
export const slackMs = 3_600_000
const longestProblem = 500

/** How far a job is, with what its provider says about it as users may see it. */
export function shownStatus({ redact }: ProviderCaller, status: JobStatus): JobStatus {
  const { problem } = status
  if (problem === undefined) return status
  return { ...status, problem: redact(problem).slice(0, longestProblem) }
}

/**
 * Cancels a job, which a provider may refuse where it has ended already.
 *
 * @param refusals - statuses of replies that may say so
 */
export async function cancelUnlessEnded(
  cancel: () => Promise<unknown>,
  status: () => Promise<JobStatus>,
  refusals: readonly number[] = [400, 409],
): Promise<void> {
  try {
    await cancel()
  } catch (error) {
    if (!refusals.includes(statusOf(error) ?? 0) || (await status()).state !== 'ended') throw error
  }
}

/** What is thrown for a reply that lacks what it should describe. */
export function notDescribed({ who, url }: ProviderCall, what: string): RetortError {
  return new RetortError(
    'provider-unavailable',
    `${who} got a reply from ${url} that describes no ${what}.`,
  )
}
