import { statfs } from 'node:fs/promises'

import { isRetortError, messageOf, RetortError } from '../core/errors.ts'
import { isSystemError } from '../storage/file-errors.ts'

/** Bytes without which a server cannot even begin its files. */
const leastBytes = 1_000_000

/** Bytes that a user may still write where a folder is; `undefined` where nothing tells. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const stats = await statfs(folder).catch(() => undefined)
  return stats === undefined ? undefined : stats.bavail * stats.bsize
}

/** The sentence for a user whose embedded server cannot be had: a full disk shows in many ways. */
export function toStartFailure(error: unknown, folder: string, free: number | undefined): unknown {
  if (isRetortError(error) && error.code !== 'temporal-unreachable') return error
  if (free !== undefined && free < leastBytes)
    return new RetortError(
      'temporal-unreachable',
      `The embedded server cannot start, since the disk of '${folder}' is full; free some space and run the same command again.`,
      { cause: error },
    )
  if (!isSystemError(error)) return error
  return new RetortError(
    'store-read-only',
    `The embedded server cannot start, since the folder '${folder}' cannot be written (${messageOf(error)}); run the command in a folder that can, or name a server with TEMPORAL_ADDRESS.`,
    { cause: error },
  )
}
