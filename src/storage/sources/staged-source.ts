import { LRUCache } from 'lru-cache'

import type { Row } from '../../core/columns.ts'
import { RetortError } from '../../core/errors.ts'
import type { StagedRow } from '../../core/staged-row.ts'
import type { Store } from '../store.ts'
import { identityBytes } from './row-identity.ts'
import { createRowLines } from './row-lines.ts'
import { readSourceManifest, sourceKeys } from './source-manifest.ts'
import type { SourceManifest } from './source-manifest.ts'

/** A source's rows, read from the store. */
export interface StagedSource {
  readonly manifest: SourceManifest
  /** Identities of the rows at [from, to), 32 hexadecimal digits each. */
  identities(from: number, to: number): Promise<string[]>
  /** The rows at [from, to), or up to the source's end; each call gives objects of its own. */
  rows(from: number, to: number): Promise<StagedRow[]>
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
  const lines = createRowLines(store, manifest.key, manifest.blocks, charactersAtHand)
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
    async rows(from, to) {
      const [json, names] = await Promise.all([
        lines(from, Math.min(to, manifest.rows)),
        identities(from, to),
      ])
      return json.map((line, index) => ({
        origin: String(from + index),
        identity: names[index] ?? '',
        // Only rows are ever put into a block.
        row: JSON.parse(line) as Row,
      }))
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
