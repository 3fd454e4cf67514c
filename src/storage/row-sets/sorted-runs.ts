import { RetortError } from '../../core/errors.ts'
import { packText, unpackText } from '../packed-text.ts'
import type { Store } from '../store.ts'
import { rowSetKeys } from './row-set-keys.ts'

/** A row that is to be put into order. */
export interface KeyedLine {
  /** Hexadecimal digits as good as random, as many for every row. */
  readonly key: string
  readonly line: string
}

const digits = 32

/** Stores the rows of a slice apart by the bucket that their keys fall into, each bucket a range of all keys. */
export async function writeRun(
  store: Store,
  key: string,
  slice: number,
  buckets: number,
  lines: AsyncIterable<KeyedLine>,
): Promise<void> {
  const apart: string[][] = Array.from({ length: buckets }, () => [])
  for await (const { key: order, line } of lines)
    apart[bucketOf(order, buckets)]?.push(`${order.slice(0, digits)}${line}`)
  const frames: Uint8Array[] = []
  const lengths: number[] = []
  for (const bucket of apart) {
    const frame = bucket.length === 0 ? new Uint8Array() : await packText(bucket.join('\n'), 1)
    bucket.length = 0
    frames.push(frame)
    lengths.push(frame.length)
  }
  const keys = rowSetKeys(key)
  const name = keys.run(slice)
  // The same rows make the same bytes, so that it does not matter who wrote them.
  await store.putIfAbsent(name, Buffer.concat(frames))
  await store.putIfAbsent(keys.runIndex(slice), new TextEncoder().encode(JSON.stringify(lengths)))
}

/** The rows of a bucket out of all slices, in order of their keys. */
export async function readBucket(
  store: Store,
  key: string,
  slices: number,
  bucket: number,
): Promise<string[]> {
  const lines: string[] = []
  for (let slice = 0; slice < slices; slice++)
    for (const line of await readFrame(store, key, slice, bucket)) lines.push(line)
  // Of rows with one key, which are as good as impossible, the content decides.
  lines.sort()
  return lines.map((line) => line.slice(digits))
}

async function readFrame(
  store: Store,
  key: string,
  slice: number,
  bucket: number,
): Promise<readonly string[]> {
  const keys = rowSetKeys(key)
  const index = await store.get(keys.runIndex(slice))
  if (index === undefined) throw missing(store, keys.runIndex(slice))
  // Only `writeRun` writes these.
  const lengths = JSON.parse(new TextDecoder().decode(index)) as number[]
  const from = lengths.slice(0, bucket).reduce((sum, length) => sum + length, 0)
  const length = lengths[bucket] ?? 0
  if (length === 0) return []
  const bytes = await store.getRange(keys.run(slice), from, from + length)
  if (bytes === undefined) throw missing(store, keys.run(slice))
  return (await unpackText(bytes)).split('\n')
}

function bucketOf(key: string, buckets: number): number {
  return Math.floor((Number.parseInt(key.slice(0, 8), 16) / 2 ** 32) * buckets)
}

function missing(store: Store, key: string): RetortError {
  return new RetortError(
    'store-corrupt',
    `Object '${key}' is not in ${store.uri} any longer; start the run again, and it is made anew.`,
  )
}
