import { blockAnswers, encodeBlock } from './journal-block.ts'
import { compareEntries, toLine } from './journal-entry-line.ts'
import { encodeEnd, hashBytes, indexEntryBytes, type ObjectEnd } from './journal-object.ts'
import { sumUsage, toSegmentUsage } from './journal-usage.ts'
import type { JournalEntry } from './journal.ts'

/** A segment as it is stored. */
export interface EncodedSegment extends ObjectEnd {
  readonly bytes: Uint8Array
  /** What its blocks hold. */
  readonly blocks: readonly (readonly string[])[]
}

/** Makes a segment of answers; of several to one request it keeps the first, and counts what all cost. */
export async function encodeSegment(
  name: string,
  entries: readonly JournalEntry[],
): Promise<EncodedSegment> {
  const distinct = new Map<string, JournalEntry>()
  for (const entry of entries) if (!distinct.has(entry.hash)) distinct.set(entry.hash, entry)
  const sorted = [...distinct.values()].sort(compareEntries)
  const index = Buffer.alloc(sorted.length * indexEntryBytes)
  for (const [number, { hash }] of sorted.entries())
    index.write(hash, number * indexEntryBytes, hashBytes, 'hex')
  const lines = sorted.map(toLine)
  const blocks = Array.from({ length: Math.ceil(lines.length / blockAnswers) }, (_, block) =>
    lines.slice(block * blockAnswers, (block + 1) * blockAnswers),
  )
  const packed = await Promise.all(blocks.map(encodeBlock))
  const footer = {
    answers: sorted.length,
    blocks: packed.map(({ length }) => length),
    segments: [{ name, usage: toSegmentUsage(sumUsage(entries)) }],
  }
  const bytes = Buffer.concat([...packed, encodeEnd({ footer, index })])
  return { bytes, blocks, footer, index }
}
