import { hash } from 'node:crypto'

import { putRowBlock } from '../sources/row-block.ts'
import type { Store } from '../store.ts'
import { rowSetKeys } from './row-set-keys.ts'

/** A part of the rows that a global step left, which one worker wrote. */
export interface RowSetPart {
  readonly rows: number
  readonly blocks: readonly { readonly key: string; readonly rows: number }[]
  /** The object with {@link fingerprintBytes} of each row; `null` where there are no rows. */
  readonly fingerprints: string | null
}

/** Bytes of what a row is told apart by: its origin, identity and content. */
export const fingerprintBytes = 16

/** A block ends after so many rows, or so many characters of JSON. */
const blockRows = 1_000
const blockCharacters = 4 * 1024 * 1024

/**
 * Writes a part's rows, then what it consists of; one that is written already stays.
 *
 * @param lines - rows as `stagedRowLine` writes them, in order
 */
export async function writeRowSetPart(
  store: Store,
  key: string,
  part: number,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  const keys = rowSetKeys(key)
  const blocks: { key: string; rows: number }[] = []
  const fingerprints: Buffer[] = []
  let block: string[] = []
  let characters = 0
  let rows = 0
  const endBlock = async () => {
    const nameOf = (sha256: string) =>
      `${String(blocks.length).padStart(6, '0')}-${sha256.slice(0, 16)}`
    const name = await putRowBlock(store, keys.rows(part), nameOf, block)
    blocks.push({ key: `${keys.rows(part)}${name}`, rows: block.length })
    block = []
    characters = 0
  }
  for await (const line of lines) {
    fingerprints.push(Buffer.from(fingerprintOf(line), 'latin1'))
    block.push(line)
    characters += line.length
    rows++
    if (block.length >= blockRows || characters >= blockCharacters) await endBlock()
  }
  if (block.length > 0) await endBlock()
  const written: RowSetPart = {
    rows,
    blocks,
    fingerprints: rows === 0 ? null : await putFingerprints(store, key, part, fingerprints),
  }
  await store.putIfAbsent(keys.part(part), new TextEncoder().encode(JSON.stringify(written)))
}

/** What a part consists of; `undefined` where it is not written to the end. */
export async function readRowSetPart(
  store: Store,
  key: string,
  part: number,
): Promise<RowSetPart | undefined> {
  const bytes = await store.get(rowSetKeys(key).part(part))
  // Only `writeRowSetPart` writes such objects.
  return bytes === undefined
    ? undefined
    : (JSON.parse(new TextDecoder().decode(bytes)) as RowSetPart)
}

function fingerprintOf(line: string): string {
  return hash('sha256', line, 'binary').slice(0, fingerprintBytes)
}

async function putFingerprints(
  store: Store,
  key: string,
  part: number,
  fingerprints: readonly Buffer[],
): Promise<string> {
  const bytes = Buffer.concat(fingerprints)
  const at = `${rowSetKeys(key).fingerprints(part)}${hash('sha256', bytes, 'hex').slice(0, 16)}`
  await store.putIfAbsent(at, bytes)
  return at
}
