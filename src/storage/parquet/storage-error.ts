import { isRetortError, messageOf, RetortError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'

const sentences: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /ENOSPC|EDQUOT|no space left|quota exceeded/i,
    'store-full',
    'is on a full disk; free some space',
  ],
  [
    /EACCES|EPERM|EROFS|permission denied|read-only file system|not permitted/i,
    'store-read-only',
    'cannot be written; check its permissions or name another place',
  ],
  [/EISDIR|is a directory/i, 'usage', 'is a folder; name a file'],
  [/ENOENT/, 'usage', 'lies in a folder that takes no files'],
  [/ENOTDIR|EEXIST|not a directory/i, 'usage', 'lies below something that is no folder'],
]

/** One sentence about a local place that could not be written; any other error as it is. */
export function toStorageError(error: unknown, place: string): unknown {
  if (isRetortError(error)) return error
  const said = systemMessage(error)
  const known = sentences.find(([pattern]) => said !== undefined && pattern.test(said))
  return known === undefined
    ? error
    : new RetortError(known[1], `${place} ${known[2]}.`, { cause: error })
}

/** What the system said: Node puts it into a code, DuckDB into words. */
function systemMessage(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  const message = messageOf(error)
  return message.startsWith('IO Error') ? message : undefined
}
