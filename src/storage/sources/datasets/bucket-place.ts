import { isRetortError } from '../../../core/errors.ts'
import type { Buckets } from '../buckets.ts'
import { findBucketFiles } from '../find-bucket-files.ts'
import { byPath } from './by-path.ts'
import type { DatasetPlace } from './dataset-place.ts'

/** A folder of a bucket. */
export function bucketPlace(address: string, buckets: Buckets): DatasetPlace {
  const root = address.replace(/\/+$/, '')
  return {
    name: `'${root}'`,
    async find(path) {
      try {
        const [file] = await findBucketFiles(`${root}/${path}`, buckets)
        return file?.by === 'name' ? file : undefined
      } catch (error) {
        if (isRetortError(error) && error.code === 'file-missing') return undefined
        throw error
      }
    },
    async list() {
      const files = await findBucketFiles(`${root}/`, buckets)
      return byPath(files.map((file) => [file.name.slice(root.length + 1), file]))
    },
    folder: (path) => bucketPlace(`${root}/${path}`, buckets),
  }
}
