import { RetortError } from '../../core/errors.ts'
import type { FileRequest, FileType } from '../../core/source-files.ts'
import { formatOfName } from '../formats/source-file.ts'
import type { SourceFile } from '../formats/source-file.ts'
import { findBucketFiles } from './find-bucket-files.ts'
import { findHubFiles } from './find-hub-files.ts'
import { findLocalFiles } from './find-local-files.ts'
import type { FoundFile } from './found-file.ts'
import type { Remotes } from './remotes.ts'

/**
 * Finds the files of a request, each once, in order of their names, with the format that each is read in.
 *
 * Where a format is told, a folder gives only the files whose names say it (for text: all). Where none is told and the
 * names say several, it asks for one.
 *
 * @throws RetortError `file-missing`, `parameter-invalid`
 */
export async function findSourceFiles(
  request: FileRequest,
  workingFolder: string,
  remotes: Remotes,
): Promise<readonly SourceFile[]> {
  const { dataFiles, filetype } = request
  const entries = typeof dataFiles === 'string' ? [dataFiles] : dataFiles
  const files = new Map<string, SourceFile>()
  for (const entry of entries) {
    const found = await findFiles(entry, workingFolder, remotes)
    const chosen = found.filter((file) => isOfType(file, filetype))
    if (chosen.length === 0)
      throw new RetortError('file-missing', `'${entry}' holds no ${filetype} files.`)
    for (const file of chosen)
      if (files.get(file.name)?.isNamed !== true) files.set(file.name, toSourceFile(file, filetype))
  }
  const sorted = [...files.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  refuseSeveralFormats(sorted, entries)
  return sorted
}

async function findFiles(
  entry: string,
  workingFolder: string,
  remotes: Remotes,
): Promise<FoundFile[]> {
  if (entry.startsWith('s3://')) return await findBucketFiles(entry, await remotes.buckets())
  if (entry.startsWith('hf://')) return await findHubFiles(entry, await remotes.datasets())
  return await findLocalFiles(entry, workingFolder)
}

function isOfType({ by, name }: FoundFile, filetype: FileType | undefined): boolean {
  if (by !== 'folder' || filetype === undefined || filetype === 'text') return true
  return formatOfName(name).type === filetype
}

/** A found file with the format that it is read in. */
export function toSourceFile(
  { by, ...file }: FoundFile,
  filetype: FileType | undefined,
): SourceFile {
  const { type, compression } = formatOfName(file.name)
  return { ...file, type: filetype ?? type ?? 'text', compression, isNamed: by === 'name' }
}

function refuseSeveralFormats(files: readonly SourceFile[], entries: readonly string[]): void {
  const examples = new Map<FileType, string>()
  for (const { type, name } of files) if (!examples.has(type)) examples.set(type, name)
  if (examples.size < 2) return
  const formats = [...examples].map(([type, name]) => `${type} ('${name}')`).join(', ')
  throw new RetortError(
    'parameter-invalid',
    `The files of '${entries.join("', '")}' are of several formats: ${formats}; choose one with 'filetype', or name only files of one.`,
  )
}
