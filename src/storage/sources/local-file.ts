import type { BigIntStats } from 'node:fs'
import { open, stat } from 'node:fs/promises'

import { messageOf, RetortError } from '../../core/errors.ts'
import type { SourceFile } from '../formats/source-file.ts'

const pieceBytes = 256 * 1024

/** What a file on this machine is told apart by, beside its name. */
export type LocalContent = Pick<SourceFile, 'version' | 'size' | 'read' | 'local'>

/** A file on this machine as it is at this moment; later reads tell when it changed. */
export function toLocalContent(path: string, name: string, stats: BigIntStats): LocalContent {
  const version = versionOf(stats)
  const checkVersion = (now: BigIntStats) => {
    if (versionOf(now) !== version)
      throw new RetortError(
        'source-changed',
        `File '${name}' changed while it was read; start again when nothing writes to it.`,
      )
  }
  return {
    version,
    size: Number(stats.size),
    read: (signal) => readPieces(path, name, checkVersion, signal),
    local: {
      path,
      check: async () => {
        checkVersion(await stat(path, { bigint: true }).catch((error) => unreadable(name, error)))
      },
    },
  }
}

/** Throws what stands for an error of the file system. */
export function unreadable(name: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission is denied' : messageOf(error)
  throw new RetortError('file-missing', `File '${name}' cannot be read: ${reason}.`, {
    cause: error,
  })
}

async function* readPieces(
  path: string,
  name: string,
  checkVersion: (stats: BigIntStats) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const handle = await open(path).catch((error: unknown) => unreadable(name, error))
  try {
    const before = await handle.stat({ bigint: true })
    checkVersion(before)
    const length = Math.min(pieceBytes, Math.max(Number(before.size), 1))
    for (;;) {
      signal.throwIfAborted()
      const piece = Buffer.allocUnsafe(length)
      const { bytesRead } = await handle.read(piece, 0, length)
      if (bytesRead === 0) break
      yield piece.subarray(0, bytesRead)
    }
    checkVersion(await handle.stat({ bigint: true }))
  } finally {
    await handle.close()
  }
}

function versionOf(stats: BigIntStats): string {
  return `${stats.ino}-${stats.size}-${stats.mtimeNs}`
}
