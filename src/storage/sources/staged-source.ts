import { LRUCache } from 'lru-cache'

import { RetortError } from '../../core/errors.ts'
import type { GatheredRows } from '../gathered-rows.ts'
import { sourceRow } from '../staged-row-line.ts'
import type { Store } from '../store.ts'
import { identityBytes } from './row-identity.ts'
import { createRowLines } from './row-lines.ts'
import { readSourceManifest, sourceBlocks, sourceKeys } from './source-manifest.ts'
import type { SourceManifest } from './source-manifest.ts'

/** A source's rows, read from the store; each is told apart by its identity, 32 hexadecimal digits. */
export interface StagedSource extends GatheredRows {
  readonly manifest: SourceManifest
}

/** Many batches read the rows of one block, and many blocks are read from at the same time. */
const charactersAtHand = 16 * 1024 * 1024
const pageRows = 16_384
const pagesAtHand = 64

/** Opens a source if it is staged. */
export async function findStagedSource(
  store: Store,
  key: string,
): Promise<StagedSource | undefined> {
  const manifest = await readSourceManifest(store, key)
  return manifest === undefined ? undefined : toStagedSource(store, manifest)
}

/** Opens a source that was staged before. @throws RetortError `store-corrupt` where it is not there */
export async function openStagedSource(store: Store, key: string): Promise<StagedSource> {
  const source = await findStagedSource(store, key)
  if (source !== undefined) return source
  throw new RetortError(
    'store-corrupt',
    `Source '${key}' is not in ${store.uri} any longer; start the run again, and it is staged again.`,
  )
}

/** Reads the rows that a manifest lists. */
export function toStagedSource(store: Store, manifest: SourceManifest): StagedSource {
  const lines = createRowLines(store, sourceBlocks(manifest), charactersAtHand)
  const pages = new LRUCache<number, Buffer>({
    max: pagesAtHand,
    fetchMethod: (page) => readPage(store, manifest, page),
  })
  const identities = async (from: number, to: number) => {
    const end = Math.min(to, manifest.rows)
    const found: string[] = []
    for (let page = Math.floor(from / pageRows); page * pageRows < end; page++) {
      const bytes = await pages.forceFetch(page)
      const first = page * pageRows
      for (let row = Math.max(from, first); row < Math.min(end, first + pageRows); row++) {
        const at = (row - first) * identityBytes
        found.push(bytes.toString('hex', at, at + identityBytes))
      }
    }
    return found
  }
  return {
    manifest,
    identities,
    fingerprints: identities,
    async rows(from, to) {
      const [json, names] = await Promise.all([
        lines(from, Math.min(to, manifest.rows)),
        identities(from, to),
      ])
      return json.map((line, index) => sourceRow(from + index, names[index] ?? '', line))
    },
  }
}

async function readPage(
  store: Store,
  { key, identities: name }: SourceManifest,
  page: number,
): Promise<Buffer> {
  const at = sourceKeys.identities(key, name)
  const size = pageRows * identityBytes
  const bytes = await store.getRange(at, page * size, (page + 1) * size)
  if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new RetortError(
    'store-corrupt',
    `Object '${at}' in ${store.uri} is not there; delete what begins with 'sources/${key}/' there, and the source is staged again.`,
  )
}
