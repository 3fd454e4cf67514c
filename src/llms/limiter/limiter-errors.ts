import { RetortError } from '../../core/errors.ts'

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
