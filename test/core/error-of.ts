import { isRetortError } from '../../src/core/errors.ts'
import type { RetortError } from '../../src/core/errors.ts'

/** The error of Retort that an action throws. */
export function errorOf(action: () => unknown): RetortError {
  try {
    action()
  } catch (error) {
    if (isRetortError(error)) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

/** The error of Retort with which a promise rejects. */
export async function rejectionOf(promise: Promise<unknown>): Promise<RetortError> {
  const error: unknown = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  )
  if (isRetortError(error)) return error
  throw error
}
