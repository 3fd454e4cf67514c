import type { HubCommit, HubDatasets } from '../hub-datasets.ts'
import { toHubFoundFile } from '../find-hub-files.ts'
import { byPath } from './by-path.ts'
import type { DatasetPlace } from './dataset-place.ts'

/** A dataset of the Hugging Face Hub, or a folder in it, at one of its commits. */
export function hubPlace(commit: HubCommit, datasets: HubDatasets, root = ''): DatasetPlace {
  const prefix = root === '' ? '' : `${root}/`
  const revision = commit.revision === undefined ? '' : ` at revision '${commit.revision}'`
  const found = (file: Parameters<typeof toHubFoundFile>[1]) =>
    toHubFoundFile(commit, file, datasets, 'folder')
  return {
    name: `Dataset '${commit.repo}'${revision}${root === '' ? '' : `, folder '${root}',`}`,
    async find(path) {
      const file = await datasets.find(commit, prefix + path)
      return file === undefined ? undefined : found(file)
    },
    async list() {
      const files = await Array.fromAsync(datasets.list(commit, root))
      return byPath(files.map((file) => [file.path.slice(prefix.length), found(file)]))
    },
    folder: (path) => hubPlace(commit, datasets, prefix + path),
  }
}
