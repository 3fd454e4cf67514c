import { randomUUID } from 'node:crypto'
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { isMissing } from './file-errors.ts'
import { makeFolders } from './make-folders.ts'

const dayMs = 24 * 60 * 60 * 1000

/** What a file gets written: bytes at once, or pieces as they come. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>

/** A folder for files on their way to a name of their own; what a crash leaves there is removed a day later. */
export class TempFolder {
  readonly #path: string
  #hasSwept = false

  constructor(path: string) {
    this.#path = path
  }

  /** The path of a file of this name, in a folder that is there. */
  async locate(name: string): Promise<string> {
    await makeFolders(this.#path)
    return join(this.#path, name)
  }

  /** Writes a file, lets `use` link or rename it, and removes what is left of it. */
  async withFile<T>(
    content: Content,
    options: { readonly isDurable: boolean },
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    const path = join(this.#path, randomUUID())
    const handle = await this.#open(path)
    try {
      try {
        await handle.writeFile(content)
        if (options.isDurable) await handle.sync()
      } finally {
        await handle.close()
      }
      return await use(path)
    } finally {
      await unlink(path).catch(() => undefined)
    }
  }

  async #open(path: string): Promise<FileHandle> {
    if (!this.#hasSwept) {
      this.#hasSwept = true
      void this.#sweep()
    }
    try {
      return await open(path, 'wx')
    } catch (error) {
      if (!isMissing(error)) throw error
      await makeFolders(this.#path)
      return await open(path, 'wx')
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#path).catch(() => [])) {
      const path = join(this.#path, name)
      const stats = await stat(path).catch(() => undefined)
      if (stats !== undefined && Date.now() - stats.mtimeMs > dayMs)
        await unlink(path).catch(() => undefined)
    }
  }
}
