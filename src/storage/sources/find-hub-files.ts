import picomatch from 'picomatch'

import { isRetortError, RetortError } from '../../core/errors.ts'
import type { FoundFile } from './found-file.ts'
import { parseHubAddress } from './hub-address.ts'
import type { HubCommit, HubDatasets, HubFile } from './hub-datasets.ts'

/**
 * Finds the files that an `hf://datasets/owner/name@revision/path` address names: one, all below a folder, or those that
 * match a glob. All are of the commit that the revision names at this moment.
 *
 * @throws RetortError `file-missing` where there are none, `dataset-missing`
 */
export async function findHubFiles(address: string, datasets: HubDatasets): Promise<FoundFile[]> {
  const { repo, revision, path } = parseHubAddress(address)
  const commit = await datasets.commit(repo, revision)
  const { base, isGlob } = picomatch.scan(path)
  const named = isGlob || path === '' ? undefined : await datasets.find(commit, path)
  if (named !== undefined) return [toHubFoundFile(commit, named, datasets, 'name')]
  const matches = isGlob ? picomatch(path) : () => true
  const found: FoundFile[] = []
  try {
    for await (const file of datasets.list(commit, isGlob ? base : path))
      if (matches(file.path) && !isHidden(file.path))
        found.push(toHubFoundFile(commit, file, datasets, isGlob ? 'glob' : 'folder'))
  } catch (error) {
    // A folder that is not there holds nothing that a glob could match.
    if (!isGlob || !isRetortError(error) || error.code !== 'file-missing') throw error
  }
  if (found.length > 0) return found
  const what = isGlob ? 'match' : 'are at'
  throw new RetortError('file-missing', `No files ${what} '${address}'.`)
}

/** A file of the Hub as any other. */
export function toHubFoundFile(
  commit: HubCommit,
  file: HubFile,
  datasets: HubDatasets,
  by: FoundFile['by'],
): FoundFile {
  const { repo, revision } = commit
  return {
    // Without the commit, so that another one with the same bytes gives the same rows.
    name: `hf://datasets/${repo}${revision === undefined ? '' : `@${revision}`}/${file.path}`,
    version: file.hash,
    size: file.size,
    by,
    read: (signal) => datasets.read(commit, file, signal),
  }
}

/** Whether a path leads over a name with a dot, such as `.gitattributes`. */
function isHidden(path: string): boolean {
  return path.split('/').some((segment) => segment.startsWith('.'))
}
