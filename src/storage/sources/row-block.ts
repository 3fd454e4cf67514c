import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { blockName, sourceKeys } from './source-manifest.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

const { ZSTD_c_compressionLevel: level, ZSTD_c_checksumFlag: checksum } = constants

/** Stores rows, each already JSON, as one block; returns its name. */
export async function putRowBlock(
  store: Store,
  key: string,
  from: number,
  lines: readonly string[],
): Promise<string> {
  const text = lines.join('\n')
  const name = blockName(from, hash('sha256', text, 'hex'))
  const bytes = await compress(text, { params: { [level]: 3, [checksum]: 1 } })
  await store.putIfAbsent(sourceKeys.block(key, name), bytes)
  return name
}

/** The rows of a block, each as JSON. */
export async function getRowBlock(store: Store, key: string, name: string): Promise<string[]> {
  const bytes = await store.get(sourceKeys.block(key, name))
  try {
    if (bytes !== undefined) return (await decompress(bytes)).toString('utf8').split('\n')
  } catch (cause) {
    throw broken(store, key, name, 'is damaged', cause)
  }
  throw broken(store, key, name, 'is not there')
}

function broken(
  store: Store,
  key: string,
  name: string,
  what: string,
  cause?: unknown,
): RetortError {
  return new RetortError(
    'store-corrupt',
    `Object '${sourceKeys.block(key, name)}' in ${store.uri} ${what}; delete what begins with 'sources/${key}/' there, and the source is staged again.`,
    { cause },
  )
}
