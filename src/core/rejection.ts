import { isRetortError } from './errors.ts'
import type { ErrorCode } from './errors.ts'

const brand = Symbol.for('retort.rejection')

/** What a step yields in the place of a row that it cannot make. */
export interface Rejection {
  readonly [brand]: true
  readonly code: ErrorCode
  /** One sentence: what did not hold. */
  readonly reason: string
  /** What the model answered, where one did. */
  readonly raw?: string
}

/** Rejects a row: it goes to the dataset's `rejected` part, and its neighbours are untouched. */
export function reject(code: ErrorCode, reason: string, raw?: string): Rejection {
  return raw === undefined ? { [brand]: true, code, reason } : { [brand]: true, code, reason, raw }
}

/** Rejects a row that an error condemns, and no other with it. @throws the error where it does not */
export function rejectFor(error: unknown): Rejection {
  if (!isRetortError(error) || error.verdict !== 'reject') throw error
  return reject(error.code, error.message)
}

/** Whether a step's output is a {@link Rejection}, also one made by another copy of this package. */
export function isRejection(value: unknown): value is Rejection {
  return typeof value === 'object' && value !== null && brand in value
}
