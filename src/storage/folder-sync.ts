import { open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isSystemError } from './file-errors.ts'
import { makeFolders } from './make-folders.ts'

/** Makes folders and brings their entries to the disk, with as few calls to it as that takes. */
export class FolderSync {
  readonly #root: string
  /** Folders whose own entry this process has seen on the disk. */
  readonly #durable = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Promise<void>>()

  constructor(root: string) {
    this.#root = root
  }

  /** Makes a folder, and those above it, again or for the first time. */
  async make(folder: string): Promise<void> {
    await makeFolders(folder)
    for (let path = folder; this.#durable.delete(path); path = dirname(path));
  }

  /** Returns when every entry that stood in a folder, and the folder itself, are on the disk. */
  async sync(folder: string): Promise<void> {
    await Promise.all([this.#syncEntries(folder), this.#syncOwnEntry(folder)])
  }

  async #syncOwnEntry(folder: string): Promise<void> {
    if (this.#durable.has(folder)) return
    const parent = dirname(folder)
    await this.#syncEntries(parent)
    if (folder !== this.#root && parent !== folder) await this.#syncOwnEntry(parent)
    this.#durable.add(folder)
  }

  /** All that ask while a call is under way share the one after it: theirs may have come too late for the first. */
  #syncEntries(folder: string): Promise<void> {
    const waiting = this.#waiting.get(folder)
    if (waiting !== undefined) return waiting
    const running = this.#running.get(folder)
    if (running === undefined) return this.#start(folder)
    const next = this.#startAfter(running, folder)
    this.#waiting.set(folder, next)
    return next
  }

  async #startAfter(running: Promise<void>, folder: string): Promise<void> {
    await running.catch(() => undefined)
    this.#waiting.delete(folder)
    await this.#start(folder)
  }

  #start(folder: string): Promise<void> {
    const running = syncFolder(folder).finally(() => {
      this.#running.delete(folder)
    })
    this.#running.set(folder, running)
    return running
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    // Some file systems sync no folders, some folders above the store cannot be opened, and one removed has no entries.
    const ignored = ['EINVAL', 'ENOTSUP', 'EISDIR', 'EACCES', 'EPERM', 'ENOENT']
    if (!isSystemError(error) || !ignored.includes(error.code)) throw error
  }
}
