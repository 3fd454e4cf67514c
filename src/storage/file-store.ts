import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { isMissing, isSystemError, toFileStoreError } from './file-errors.ts'
import { withFileLock } from './file-lock.ts'
import { FolderSync } from './folder-sync.ts'
import { listFolder } from './list-folder.ts'
import { checkKey, checkPrefix } from './store-key.ts'
import type { ObjectInfo, Store, VersionedObject } from './store.ts'
import { type Content, TempFolder } from './temp-folder.ts'

/**
 * Makes a store of a folder, which need not be there.
 *
 * Several processes of one machine may use it at once. Its file system must have hard links.
 */
export function createFileStore(folder: string): Store {
  return new FileStore(resolve(folder))
}

class FileStore implements Store {
  readonly uri: string
  readonly #root: string
  readonly #temp: TempFolder
  readonly #folders: FolderSync

  constructor(root: string) {
    this.uri = `file:${root}`
    this.#root = root
    this.#temp = new TempFolder(join(root, '.temp'))
    this.#folders = new FolderSync(root)
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return await this.#attempt('read', key, () => readIfThere(this.#locate(key)))
  }

  async getVersioned(key: string): Promise<VersionedObject | undefined> {
    const bytes = await this.get(key)
    return bytes === undefined ? undefined : { bytes, version: versionOf(bytes) }
  }

  async getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined> {
    return await this.#attempt('read', key, async () => {
      if ((await this.head(key)) === undefined) return undefined
      return await readRange(this.#locate(key), from, to)
    })
  }

  async read(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return (await this.head(key)) === undefined ? undefined : this.#readPieces(key)
  }

  async *#readPieces(key: string): AsyncGenerator<Uint8Array> {
    try {
      const stream: AsyncIterable<Uint8Array> = createReadStream(this.#locate(key), {
        highWaterMark: 256 * 1024,
      })
      yield* stream
    } catch (error) {
      throw toFileStoreError(error, this.uri, `read '${key}'`)
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return await this.#attempt('read', key, async () => {
      try {
        const stats = await stat(this.#locate(key))
        return stats.isFile() ? { key, size: stats.size, modified: stats.mtime } : undefined
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    })
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return await this.#attempt('write', key, () => this.#link(key, bytes))
  }

  async writeIfAbsent(key: string, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
    if ((await this.head(key)) !== undefined) return false
    return await this.#attempt('write', key, () => this.#link(key, pieces))
  }

  async compareAndSet(
    key: string,
    bytes: Uint8Array,
    expected: string | undefined,
  ): Promise<string | undefined> {
    const version = versionOf(bytes)
    if (expected === undefined) return (await this.putIfAbsent(key, bytes)) ? version : undefined
    const path = this.#locate(key)
    return await this.#attempt('write', key, async () => {
      const lock = await this.#temp.locate(`lock-${versionOf(Buffer.from(key))}`)
      return await withFileLock(lock, async () => {
        const current = await readIfThere(path)
        if (current === undefined || versionOf(current) !== expected) return undefined
        await this.#temp.withFile(bytes, { isDurable: true }, (temp) => rename(temp, path))
        await this.#folders.sync(dirname(path))
        return version
      })
    })
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#locate(key)
    await this.#attempt('write', key, () =>
      this.#temp.withFile(bytes, { isDurable: false }, (temp) =>
        this.#inFolder(path, () => rename(temp, path)),
      ),
    )
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix)
    try {
      yield* listFolder(this.#root, prefix)
    } catch (error) {
      throw toFileStoreError(error, this.uri, `list '${prefix}'`)
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.#locate(key)
    await this.#attempt('delete', key, async () => {
      await rm(path, { force: true })
      await this.#removeEmptyFolders(dirname(path))
    })
  }

  localPath(key: string): string {
    return this.#locate(key)
  }

  #locate(key: string): string {
    checkKey(key)
    return join(this.#root, key)
  }

  async #attempt<T>(action: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw toFileStoreError(error, this.uri, `${action} '${key}'`)
    }
  }

  async #link(key: string, content: Content): Promise<boolean> {
    const path = this.#locate(key)
    const isFirst = await this.#temp.withFile(content, { isDurable: true }, (temp) =>
      this.#inFolder(path, () => linkIfAbsent(temp, path)),
    )
    // Also who comes second may rely on the object, and the first may not have got this far.
    await this.#folders.sync(dirname(path))
    return isFirst
  }

  /** Does what needs a path's folder, which {@link delete} may remove at any moment. */
  async #inFolder<T>(path: string, work: () => Promise<T>): Promise<T> {
    for (let left = 10; ; left -= 1)
      try {
        return await work()
      } catch (error) {
        if (!isSystemError(error) || error.code !== 'ENOENT' || left === 0) throw error
        await this.#folders.make(dirname(path))
      }
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    try {
      for (let path = folder; path !== this.#root; path = dirname(path)) await rmdir(path)
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }
}

/** Versions of equal bytes are equal: a replaced object is told by what it holds, as S3 tells it. */
function versionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function linkIfAbsent(temp: string, path: string): Promise<boolean> {
  try {
    await link(temp, path)
    return true
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false
    throw error
  }
}

async function readRange(path: string, from: number, to: number): Promise<Uint8Array> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, undefined, from + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await handle.close()
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (isMissing(error) || (isSystemError(error) && error.code === 'EISDIR')) return undefined
    throw error
  }
}
