import { type ErrorCode, RetortError } from '../core/errors.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly sentence: string
}

const full: Meaning = {
  code: 'store-full',
  sentence: 'the disk or quota is full; free some space and run the same command again',
}
const denied: Meaning = {
  code: 'store-denied',
  sentence: 'this user may not do that there; change the permissions or choose another store',
}
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: denied,
  EPERM: denied,
  EROFS: {
    code: 'store-read-only',
    sentence: 'its file system is read-only; choose another store with --store or RETORT_STORE',
  },
}
const unavailable: Meaning = {
  code: 'store-unavailable',
  sentence: 'the file system refused; it is tried again',
}

/** A system error of Node: what call failed with which number. */
export interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
}

/** Whether an error came from the operating system. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'syscall' in error
}

/** Whether an error says that a file is not there, or that what should be its folder is a file. */
export function isMissing(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/**
 * What the store makes of an error of the file system: a `RetortError` that says which store failed at what.
 *
 * Errors that are none of the file system's are returned as they are.
 */
export function toFileStoreError(error: unknown, uri: string, attempt: string): unknown {
  if (!isSystemError(error)) return error
  const { code, sentence } =
    error.syscall === 'link' && error.code !== 'EACCES' && meanings[error.code] === denied
      ? { ...denied, sentence: 'its file system has no hard links; choose another store' }
      : (meanings[error.code] ?? unavailable)
  return new RetortError(
    code,
    `Store '${uri}' could not ${attempt} (${error.code}): ${sentence}.`,
    {
      cause: error,
      data: { store: uri, attempt, reason: error.code },
    },
  )
}
