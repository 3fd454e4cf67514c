import { packText, unpackText } from '../packed-text.ts'
import type { Store } from '../store.ts'
import { missingObject } from './missing-object.ts'
import { rowSetKeys } from './row-set-keys.ts'

/** A line that is to be put into order. */
export interface OrderedLine {
  /** Which part of the order it falls into, from 0. */
  readonly bucket: number
  /** Its place in the order as a text, as long for every line. */
  readonly order: string
  readonly line: string
}

/** Stores lines apart by the bucket that they fall into. */
export async function writeRun(
  store: Store,
  key: string,
  run: number,
  buckets: number,
  lines: AsyncIterable<OrderedLine>,
): Promise<void> {
  const apart: string[][] = Array.from({ length: buckets }, () => [])
  for await (const { bucket, order, line } of lines) apart[bucket]?.push(`${order} ${line}`)
  const frames: Uint8Array[] = []
  const lengths: number[] = []
  for (const bucket of apart) {
    const frame = bucket.length === 0 ? new Uint8Array() : await packText(bucket.join('\n'), 1)
    bucket.length = 0
    frames.push(frame)
    lengths.push(frame.length)
  }
  const keys = rowSetKeys(key)
  // The same lines make the same bytes, so that it does not matter who wrote them.
  await store.putIfAbsent(keys.run(run), Buffer.concat(frames))
  await store.putIfAbsent(keys.runIndex(run), new TextEncoder().encode(JSON.stringify(lengths)))
}

/** The lines of a bucket out of several runs, in their order. */
export async function readBucket(
  store: Store,
  key: string,
  runs: Iterable<number>,
  bucket: number,
): Promise<string[]> {
  const lines: string[] = []
  for (const run of runs)
    for (const line of await readFrame(store, key, run, bucket)) lines.push(line)
  // Of lines that have one place, the content decides.
  lines.sort()
  return lines.map((line) => line.slice(line.indexOf(' ') + 1))
}

async function readFrame(
  store: Store,
  key: string,
  run: number,
  bucket: number,
): Promise<readonly string[]> {
  const keys = rowSetKeys(key)
  const index = await store.get(keys.runIndex(run))
  if (index === undefined) throw missingObject(store, keys.runIndex(run))
  // Only `writeRun` writes these.
  const lengths = JSON.parse(new TextDecoder().decode(index)) as number[]
  const from = lengths.slice(0, bucket).reduce((sum, length) => sum + length, 0)
  const length = lengths[bucket] ?? 0
  if (length === 0) return []
  const bytes = await store.getRange(keys.run(run), from, from + length)
  if (bytes === undefined) throw missingObject(store, keys.run(run))
  return (await unpackText(bytes)).split('\n')
}
