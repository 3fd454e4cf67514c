import { RetortError, messageOf } from '../../core/errors.ts'

/** What a call of a group throws that waited until its batch's time was up. */
export function noRoom(group: string): RetortError {
  return new RetortError(
    'timeout',
    `A call of limit group '${group}' found no room before its batch's time was up; it is tried again with the next attempt.`,
  )
}

/** What the calls of a group throw that wait when their worker stops. */
export function workerStopping(group: string): RetortError {
  return new RetortError(
    'worker-stopping',
    `Limit group '${group}' starts no more calls, because this worker is stopping.`,
  )
}

/** What a group's calls wait for when a reply said that nothing remains of a limit. */
export function nothingRemains(group: string): RetortError {
  return new RetortError(
    'rate-limited',
    `The provider of limit group '${group}' said that nothing remains of its limit for the time being.`,
  )
}

/** What a call throws that fails again and again while others of its group succeed. */
export function requestFailing(failures: number, last: RetortError): RetortError {
  return new RetortError(
    'request-failing',
    `The request failed ${failures} times while others succeeded, at last so: ${last.message}`,
    { data: last.data, cause: last },
  )
}

/** What a call throws whose provider was never reached. */
export function neverReached(group: string, seconds: number, last: RetortError): RetortError {
  return new RetortError(
    'endpoint-wrong',
    `No call of limit group '${group}' ever got through, for ${seconds} s in all; check the address: ${last.message}`,
    { data: last.data, cause: last },
  )
}

/** An error that also says when the provider may be asked again. */
export function laterOf(error: RetortError, retryAfterMs: number): RetortError {
  return new RetortError(error.code, error.message, {
    data: error.data,
    cause: error,
    retryAfterMs,
  })
}

/** Why a paused group starts no call. */
export function pausedSentence(group: string, milliseconds: number, by: Error | undefined): string {
  const why = by === undefined ? '' : `: ${messageOf(by)}`
  return `Limit group '${group}' waits for ${Math.ceil(milliseconds / 1000)} s, as its provider asked${why}`
}

/** Why a group starts no call whose provider is away. */
export function awaySentence(group: string, milliseconds: number, last: Error | undefined): string {
  const why = last === undefined ? '.' : `: ${messageOf(last)}`
  return `The provider of limit group '${group}' is away; it is asked again in ${Math.ceil(milliseconds / 1000)} s${why}`
}
