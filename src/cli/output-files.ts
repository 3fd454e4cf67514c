import { access, constants, stat } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'

import { RetortError } from '../core/errors.ts'
import { quoted } from '../core/names.ts'
import type { ExportFormat } from '../storage/dataset/export-rows.ts'
import type { Dataset } from '../storage/dataset/open-dataset.ts'

/** Formats by the endings of files. */
const formats: Readonly<Record<string, ExportFormat>> = {
  '.jsonl': 'jsonl',
  '.csv': 'csv',
  '.parquet': 'parquet',
}

/** A file that a dataset is to be written to; with several leaves, one of each is made after its name. */
export interface OutputFile {
  readonly path: string
  readonly format: ExportFormat
}

/** A file that was written. */
export interface WrittenFile {
  readonly path: string
  readonly rows: number
}

/**
 * Reads what `--output` names, and checks that it can be written.
 *
 * @throws RetortError `usage` for an ending that is no format, `store-read-only` where the folder takes no files
 */
export async function checkOutputFile(path: string, format?: string): Promise<OutputFile> {
  const ending = extname(path).toLowerCase()
  const known = formats[ending]
  if (known === undefined)
    throw new RetortError(
      'usage',
      `--output '${path}' ends in ${ending === '' ? 'nothing' : `'${ending}'`}; it takes a file that ends in ${quoted(Object.keys(formats))}.`,
    )
  if (format !== undefined && format !== known)
    throw new RetortError(
      'usage',
      `--output '${path}' is a name for ${known}, but --format says ${format}; leave one of the two out.`,
    )
  await checkPlace(path)
  return { path, format: known }
}

/** Writes one leaf, or each leaf of a dataset, to files. */
export async function writeOutput(
  dataset: Dataset,
  { path, format }: OutputFile,
  leaf?: string,
): Promise<readonly WrittenFile[]> {
  const { exportRows } = await import('../storage/dataset/export-rows.ts')
  const { chooseLeaf } = await import('../storage/dataset/open-dataset.ts')
  const { leaves } = dataset.manifest
  const chosen = leaf === undefined ? leaves : [chooseLeaf(dataset.manifest, leaf)]
  const written: WrittenFile[] = []
  for (const { name, columns } of chosen) {
    const file = chosen.length === 1 ? path : withLeaf(path, name)
    const { rows } = await exportRows(dataset.rows({ leaf: name }), columns, file, format)
    written.push({ path: file, rows })
  }
  return written
}

function withLeaf(path: string, leaf: string): string {
  const ending = extname(path)
  return `${path.slice(0, path.length - ending.length)}-${leaf}${ending}`
}

/** Folders that are missing are made later; the nearest one that is there must take files. */
async function checkPlace(path: string): Promise<void> {
  const target = resolve(path)
  const there = await stat(target).catch(() => undefined)
  if (there !== undefined && !there.isFile())
    throw new RetortError('usage', `--output '${path}' is no file; name one that can be replaced.`)
  let folder = dirname(target)
  for (;;) {
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory() === true) break
    if (found !== undefined || folder === dirname(folder))
      throw new RetortError(
        'usage',
        `--output '${path}' needs the folder '${folder}', which is none.`,
      )
    folder = dirname(folder)
  }
  try {
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new RetortError(
      'store-read-only',
      `--output '${path}' cannot be written: the folder '${folder}' takes no files.`,
      { cause },
    )
  }
}
