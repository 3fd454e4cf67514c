import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'

import { glob, isDynamicPattern } from 'tinyglobby'

import { RetortError } from '../../core/errors.ts'
import { toLocalContent, unreadable } from './local-file.ts'
import type { FoundFile } from './found-file.ts'

/** Folders that hold no sources of anybody's; a pattern or path that names one finds what is in it. */
const passedOver = ['node_modules', 'dist']

/**
 * Finds the files that a path, a folder or a glob names.
 *
 * Of a folder it takes every file in it and below, except hidden ones (`.git`, `.retort`) and `node_modules` and `dist`.
 *
 * @throws RetortError `file-missing` where there are none
 */
export async function findLocalFiles(entry: string, workingFolder: string): Promise<FoundFile[]> {
  const path = resolve(workingFolder, entry)
  const stats = await statIfThere(path, entry)
  if (stats?.isFile() === true) return [foundFile(path, workingFolder, stats, 'name')]
  if (stats?.isDirectory() === true) {
    const paths = await findIn(path, '**', passedOver)
    const found = await foundFiles(paths, workingFolder, 'folder')
    if (found.length > 0) return found
    throw new RetortError('file-missing', `Folder '${entry}' in ${workingFolder} holds no files.`)
  }
  if (stats !== undefined)
    throw new RetortError('file-missing', `'${entry}' in ${workingFolder} is no regular file.`)
  if (!isDynamicPattern(entry))
    throw new RetortError('file-missing', `There is no file '${entry}' in ${workingFolder}.`)
  const named = entry.split('/')
  const ignored = passedOver.filter((folder) => !named.includes(folder))
  const found = await foundFiles(await findIn(workingFolder, entry, ignored), workingFolder, 'glob')
  if (found.length > 0) return found
  throw new RetortError('file-missing', `No file in ${workingFolder} matches '${entry}'.`)
}

/**
 * Every file in a folder and below, except hidden ones.
 *
 * @throws RetortError `file-missing` where there are none
 */
export async function listLocalFolder(folder: string, workingFolder: string): Promise<FoundFile[]> {
  const paths = await findIn(resolve(workingFolder, folder), '**', [])
  const found = await foundFiles(paths, workingFolder, 'folder')
  if (found.length > 0) return found
  throw new RetortError(
    'file-missing',
    `There is no folder '${folder}' in ${workingFolder}, or it holds no files.`,
  )
}

async function findIn(
  folder: string,
  pattern: string,
  ignored: readonly string[],
): Promise<string[]> {
  return await glob(pattern, {
    cwd: folder,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
    ignore: ignored.map((name) => `**/${name}/**`),
  })
}

async function foundFiles(
  paths: readonly string[],
  workingFolder: string,
  by: FoundFile['by'],
): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for (const path of paths) {
    const stats = await statIfThere(path, path)
    if (stats?.isFile() === true) found.push(foundFile(path, workingFolder, stats, by))
  }
  return found
}

function foundFile(
  path: string,
  workingFolder: string,
  stats: BigIntStats,
  by: FoundFile['by'],
): FoundFile {
  const name = relative(workingFolder, path).split(sep).join('/')
  return { ...toLocalContent(path, name, stats), name, by }
}

async function statIfThere(path: string, name: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    return unreadable(name, error)
  }
}
