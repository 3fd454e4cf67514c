import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { JournalIndex } from '../../../src/storage/journal/journal-index.ts'
import { hashBytes, indexEntryBytes } from '../../../src/storage/journal/journal-object.ts'
import { segmentName } from './journal-entries.ts'

function indexOf(segment: number, answers: number): Buffer {
  const outputLength = answers * indexEntryBytes
  const index = createHash('shake256', { outputLength }).update(String(segment)).digest()
  for (let answer = 0; answer < answers; answer += 1)
    index.writeUInt32LE(0, answer * indexEntryBytes + hashBytes)
  return index
}

test.each([
  { inEach: 256, what: 'full segments' },
  { inEach: 50, what: 'small segments' },
])('the index of a million answers in $what takes less than 40 MB', ({ inEach }) => {
  const index = new JournalIndex()
  let most = 0
  for (let segment = 0; segment * inEach < 1_000_000; segment += 1) {
    const name = segmentName(segment)
    index.addSegment(`pipelines/p/journal/segments/${name}`, {
      footer: {
        answers: inEach,
        blocks: Array.from({ length: Math.ceil(inEach / 64) }, () => 20_000),
        segments: [{ name, usage: [] }],
      },
      index: indexOf(segment, inEach),
    })
    if (index.size > 100_000) most = Math.max(most, index.bytes / index.size)
  }
  expect(index.size).toBeGreaterThanOrEqual(1_000_000)
  expect(most).toBeLessThan(40)
  const sought = indexOf(1_234, inEach)
    .toString('hex', indexEntryBytes * 40)
    .slice(0, 32)
  expect(index.find(sought)).toMatchObject({
    object: { key: `pipelines/p/journal/segments/${segmentName(1_234)}` },
    block: 0,
    line: 40,
  })
})
