import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'

import { isRetortError, messageOf, RetortError } from '../src/core/errors.ts'

/**
 * An error as Temporal carries it: the failure's type is the error's code.
 *
 * What is worth another attempt is benign, so that it neither alarms nor counts as a failure; everything
 * else is final.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure) return error
  if (!isRetortError(error))
    return ApplicationFailure.create({
      type: 'internal',
      message: messageOf(error),
      nonRetryable: true,
      ...(error instanceof Error ? { cause: error } : {}),
    })
  const isRetryable = error.verdict === 'retry'
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    details: [error.data],
    nonRetryable: !isRetryable,
    ...(isRetryable ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  })
}

/** An error that says which step it happened in, unless it does already. */
export function atStep(error: unknown, step: string): unknown {
  if (!isRetortError(error) || error.data['step'] !== undefined) return error
  const { code, message, data, retryAfterMs } = error
  const isNamed = message.includes(`'${step}'`)
  return new RetortError(code, isNamed ? message : `Step '${step}': ${message}`, {
    data: { ...data, step },
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
