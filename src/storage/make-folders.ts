import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import { isMissing, isSystemError } from './file-errors.ts'

const mostAttempts = 10

/**
 * Makes a folder and those above it, where they are not there.
 *
 * Node's own recursive `mkdir` never returns below a folder that answers ENOENT to every new name, as `/proc` does.
 */
export async function makeFolders(path: string): Promise<void> {
  // Another process may remove an empty folder above at any moment.
  for (let left = mostAttempts; ; left -= 1)
    try {
      return await makeFolder(path)
    } catch (error) {
      const parent = dirname(path)
      if (!isSystemError(error) || error.code !== 'ENOENT' || parent === path || left === 0)
        throw error
      await makeFolders(parent)
    }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    // Which error an existing folder gives depends on its file system.
    if (isMissing(error) || !(await isFolder(path))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() === true
}
