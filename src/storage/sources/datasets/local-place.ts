import { relative, resolve, sep } from 'node:path'

import { isRetortError } from '../../../core/errors.ts'
import { findLocalFiles, listLocalFolder } from '../find-local-files.ts'
import type { DatasetPlace } from './dataset-place.ts'
import { byPath } from './by-path.ts'

/** A folder of this machine; a relative one starts at `workingFolder`. */
export function localPlace(folder: string, workingFolder: string): DatasetPlace {
  const root = resolve(workingFolder, folder)
  return {
    name: `Folder '${folder}'`,
    async find(path) {
      try {
        const [file] = await findLocalFiles(resolve(root, path), workingFolder)
        return file?.by === 'name' ? file : undefined
      } catch (error) {
        if (isRetortError(error) && error.code === 'file-missing') return undefined
        throw error
      }
    },
    async list() {
      const files = await listLocalFolder(folder, workingFolder)
      const pathOf = (path: string) => relative(root, path).split(sep).join('/')
      return byPath(files.map((file) => [pathOf(file.local?.path ?? file.name), file]))
    },
    folder: (path) => localPlace(`${folder.replace(/\/+$/, '')}/${path}`, workingFolder),
  }
}
