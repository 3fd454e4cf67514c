import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { isMissing } from './file-errors.ts'
import { isKey } from './store-key.ts'
import type { ObjectInfo } from './store.ts'

const statsAtOnce = 64

/** Every file below a folder whose path from there starts with `prefix`, in order of paths; only those that can be keys. */
export async function* listFolder(root: string, prefix: string): AsyncGenerator<ObjectInfo> {
  yield* walk(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix)
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const paths = await readPaths(root, folder, prefix)
  for (let start = 0; start < paths.length; start += statsAtOnce) {
    const some = paths.slice(start, start + statsAtOnce)
    const infos = await Promise.all(some.map((path) => readInfo(root, path)))
    for (const [index, path] of some.entries()) {
      const info = infos[index]
      if (path.endsWith('/')) yield* walk(root, path, prefix)
      else if (info !== undefined) yield info
    }
  }
}

/** A folder's entries as keys, folders with their slash: sorting these puts whole trees in the order of their keys. */
async function readPaths(root: string, folder: string, prefix: string): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readEntries(join(root, folder))) {
    const key = `${folder}${entry.name}`
    if (!isKey(key)) continue
    const path = entry.isDirectory() ? `${key}/` : key
    if (path.startsWith(prefix)) paths.push(path)
    else if (path.endsWith('/') && prefix.startsWith(path)) paths.push(path)
  }
  return paths.toSorted()
}

async function readEntries(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function readInfo(root: string, path: string): Promise<ObjectInfo | undefined> {
  if (path.endsWith('/')) return undefined
  try {
    const stats = await stat(join(root, path))
    return stats.isFile() ? { key: path, size: stats.size, modified: stats.mtime } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
