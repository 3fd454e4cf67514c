import { type ErrorCode, isRetortError, messageOf, RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { isSystemError } from './file-errors.ts'

const denials = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'ExpiredToken',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'Unauthorized',
  // versitygw's name for an unknown key.
  'XAdminUserNotFound',
])
const fulls = new Set(['InsufficientStorage', 'QuotaExceeded', 'StorageFull', 'XMinioStorageFull'])

/** The status that an S3 server answered with; `undefined` where none did. */
export function statusOf(error: unknown): number | undefined {
  if (!isObject(error) || !isObject(error['$metadata'])) return undefined
  const { httpStatusCode } = error['$metadata']
  return typeof httpStatusCode === 'number' ? httpStatusCode : undefined
}

/** Whether an error says that an object is not there; a bucket that is not there is another matter. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')
}

/**
 * What the store makes of an error of the S3 client: a `RetortError` that says which store failed at what.
 *
 * Errors that are none of the client's are returned as they are.
 */
export function toS3StoreError(error: unknown, uri: string, attempt: string): unknown {
  if (!(error instanceof Error) || isRetortError(error)) return error
  if (!('$metadata' in error) && !isSystemError(error) && !isCredentialError(error)) return error
  const answer = answerOf(error)
  const [code, sentence] = judge(error, answer)
  return new RetortError(code, `Store '${uri}' could not ${attempt}: ${sentence}.`, {
    cause: error,
    data: { store: uri, attempt, reason: answer },
  })
}

function judge(error: Error, answer: string): readonly [ErrorCode, string] {
  const status = statusOf(error)
  if (error.name === 'NoSuchBucket' || error.name === 'InvalidBucketName')
    return ['bucket-missing', `there is no such bucket (${answer}); create it or name another`]
  if (isCredentialError(error))
    return [
      'key-missing',
      'no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    ]
  if (error.name === 'RequestTimeTooSkewed')
    return ['store-denied', "this machine's clock and the server's differ; set the clock"]
  if (fulls.has(error.name) || status === 507)
    return ['store-full', `its storage is full (${answer}); make room and run the command again`]
  if (denials.has(error.name) || status === 401 || status === 403)
    return [
      'store-denied',
      `the server denied it (${answer}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do`,
    ]
  if (status !== undefined && isFinal(status))
    return ['store-denied', `the server refused it (${answer}: ${messageOf(error)})`]
  return ['store-unavailable', `the server did not serve it (${answer}); it is tried again`]
}

/** Whether asking again would only be answered the same. */
function isFinal(status: number): boolean {
  if (status === 501) return true
  return status >= 300 && status < 500 && ![408, 409, 412, 429].includes(status)
}

function isCredentialError(error: Error): boolean {
  return error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError'
}

/** What the server answered, or what the connection failed with. */
function answerOf(error: Error): string {
  const status = statusOf(error)
  if (status !== undefined) return `${error.name}, status ${status}`
  // An attempt at several addresses at once fails with a code and no message.
  return isSystemError(error) && error.message === '' ? error.code : messageOf(error)
}
