import { RetortError } from '../../core/errors.ts'
import type { RejectedRow, StagedRow } from '../../core/staged-row.ts'
import { decodeChunk } from '../chunk.ts'
import type { GatheredRows } from '../gathered-rows.ts'
import { createRowLines } from '../sources/row-lines.ts'
import { leftRow } from '../staged-row-line.ts'
import type { Store } from '../store.ts'
import { rowSetKeys } from './row-set-keys.ts'
import { fingerprintBytes } from './row-set-part.ts'
import type { RowSetPart } from './row-set-part.ts'

/** The rows that a global step left, in their order. */
export interface RowSet extends GatheredRows {
  readonly manifest: RowSetManifest
  /** The rows that the step rejected, in the order in which it got them. */
  rejectedRows(): AsyncIterable<RejectedRow>
}

/** What makes the rows of a global step complete. */
export interface RowSetManifest {
  readonly version: 1
  readonly rows: number
  readonly rejected: number
  readonly parts: readonly RowSetPart[]
}

const charactersAtHand = 8 * 1024 * 1024

/** What a set consists of; `undefined` where it is not complete. */
export async function readRowSetManifest(
  store: Store,
  key: string,
): Promise<RowSetManifest | undefined> {
  const bytes = await store.get(rowSetKeys(key).manifest)
  // Only this release's own writer puts one there, below the hash of everything that it was made of.
  return bytes === undefined
    ? undefined
    : (JSON.parse(new TextDecoder().decode(bytes)) as RowSetManifest)
}

/** Opens the rows that a global step left. @throws RetortError `store-corrupt` where they are not there */
export async function openRowSet(store: Store, key: string): Promise<RowSet> {
  const manifest = await readRowSetManifest(store, key)
  if (manifest === undefined)
    throw new RetortError(
      'store-corrupt',
      `The rows '${key}' are not in ${store.uri} any longer; start the run again, and they are made anew.`,
    )
  let from = 0
  const blocks = manifest.parts.flatMap((part) =>
    part.blocks.map((block) => {
      const start = from
      from += block.rows
      return { key: block.key, from: start }
    }),
  )
  const lines = createRowLines(store, blocks, charactersAtHand)
  const rows = async (first: number, end: number): Promise<StagedRow[]> => {
    const texts = await lines(first, Math.min(end, manifest.rows))
    return texts.map((text, index) => placed(text, first + index, key))
  }
  return {
    manifest,
    rows,
    fingerprints: (first, end) => readFingerprints(store, key, manifest, first, end),
    identities: async (first, end) =>
      (await rows(first, end)).map(({ identity }) => identity.split('.', 1)[0] ?? identity),
    async *rejectedRows() {
      if (manifest.rejected === 0) return
      let found = 0
      for await (const { key: at } of store.list(rowSetKeys(key).rejectedFolder)) {
        const bytes = await store.get(at)
        if (bytes === undefined) continue
        const { rejected } = await decodeChunk(bytes, at)
        found += rejected.length
        yield* rejected
      }
      if (found < manifest.rejected)
        throw new RetortError(
          'store-corrupt',
          `Only ${found} of ${manifest.rejected} rejected rows of '${key}' are in ${store.uri}; delete what begins with '${key}/' there, and start the run again to have them made anew.`,
        )
    },
  }
}

/** A stored row, which knows where it stands among these. */
function placed(text: string, position: number, key: string): StagedRow {
  const row = leftRow(position, text)
  if (row === undefined)
    throw new RetortError('store-corrupt', `Row ${position} of '${key}' is no row.`)
  return row
}

async function readFingerprints(
  store: Store,
  key: string,
  { parts }: RowSetManifest,
  from: number,
  to: number,
): Promise<string[]> {
  const found: string[] = []
  let start = 0
  for (const { rows, fingerprints } of parts) {
    const first = Math.max(from, start) - start
    const end = Math.min(to, start + rows) - start
    start += rows
    if (fingerprints === null || end <= first) continue
    const bytes = await store.getRange(
      fingerprints,
      first * fingerprintBytes,
      end * fingerprintBytes,
    )
    if (bytes === undefined)
      throw new RetortError(
        'store-corrupt',
        `Object '${fingerprints}' is not in ${store.uri} any longer; delete what begins with '${key}/' there, and start the run again to have it made anew.`,
      )
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at < buffer.length; at += fingerprintBytes)
      found.push(buffer.toString('hex', at, at + fingerprintBytes))
  }
  return found
}
