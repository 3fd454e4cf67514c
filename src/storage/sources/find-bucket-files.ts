import picomatch from 'picomatch'

import { RetortError } from '../../core/errors.ts'
import type { BucketObject, Buckets } from './buckets.ts'
import type { FoundFile } from './found-file.ts'

/**
 * Finds the objects that an `s3://bucket/key` address names: one key, all below a prefix, or those that match a glob.
 *
 * @throws RetortError `file-missing` where there are none
 */
export async function findBucketFiles(address: string, buckets: Buckets): Promise<FoundFile[]> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(address) ?? []
  if (bucket === '')
    throw new RetortError(
      'file-missing',
      `'${address}' names no bucket; an address is s3://bucket/key.`,
    )
  const { base, isGlob } = picomatch.scan(key)
  const matches = isGlob ? picomatch(key) : undefined
  const found: FoundFile[] = []
  for await (const object of buckets.list(bucket, isGlob ? withSlash(base) : key)) {
    // Some tools mark a folder with an empty object.
    if (object.key.endsWith('/')) continue
    if (!isGlob && object.key === key) return [foundFile(bucket, object, buckets, 'name')]
    if (matches === undefined ? object.key.startsWith(withSlash(key)) : matches(object.key))
      found.push(foundFile(bucket, object, buckets, isGlob ? 'glob' : 'folder'))
  }
  if (found.length > 0) return found
  const what = isGlob ? 'match' : 'are at'
  throw new RetortError('file-missing', `No objects ${what} '${address}'.`)
}

function withSlash(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
}

function foundFile(
  bucket: string,
  { key, size, etag }: BucketObject,
  buckets: Buckets,
  by: FoundFile['by'],
): FoundFile {
  return {
    name: `s3://${bucket}/${key}`,
    version: etag,
    size,
    by,
    read: (signal) => buckets.read(bucket, key, etag, signal),
  }
}
