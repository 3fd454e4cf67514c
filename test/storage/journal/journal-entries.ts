import { createHash } from 'node:crypto'

import { encodeSegment } from '../../../src/storage/journal/encode-segment.ts'
import { segmentsFolder } from '../../../src/storage/journal/journal-keys.ts'
import type { JournalEntry } from '../../../src/storage/journal/journal.ts'
import type { Store } from '../../../src/storage/store.ts'

/** The hash of a request that a test tells by its number. */
export function hashOf(request: number): string {
  return createHash('sha256').update(String(request)).digest('hex').slice(0, 32)
}

/** An answer to a request that a test tells by its number; further ones to it differ in their text. */
export function entryOf(request: number, change: Partial<JournalEntry> & { text?: string } = {}) {
  const { text = `Answer to ${request}.\n"Quoted", \u2028 日本`, ...rest } = change
  const entry: JournalEntry = {
    hash: hashOf(request),
    answer: {
      choices: [{ text, finishReason: 'stop' }],
      usage: { inputTokens: 10, outputTokens: request },
      model: 'some-model',
    },
    run: 'run-1',
    place: `generate/${request}/0/0`,
    position: request,
    costNanoUsd: 100,
    budgetBlock: null,
    ...rest,
  }
  return entry
}

/** The entries of requests from 0. */
export function entriesOf(count: number, from = 0): JournalEntry[] {
  return Array.from({ length: count }, (_, index) => entryOf(from + index))
}

/** Stores a segment under a name that a test chose. */
export async function storeSegment(
  store: Store,
  pipeline: string,
  name: string,
  entries: readonly JournalEntry[],
): Promise<string> {
  const key = `${segmentsFolder(pipeline)}${name}`
  await store.putIfAbsent(key, (await encodeSegment(name, entries)).bytes)
  return key
}

/** The name of a segment by its number, whose order is that of the numbers. */
export function segmentName(number: number, writer = 'w'): string {
  return `${String(number).padStart(13, '0')}-${writer}-0000`
}
