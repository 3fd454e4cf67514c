import { createHash } from 'node:crypto'

import { journalFolder } from './journal.ts'

const segmentPattern = /^\d{13}-[A-Za-z0-9]+-\d{4}$/
const mostOfOneMillisecond = 10_000

/** Where the segments of a pipeline's journal are: answers as they arrived. */
export function segmentsFolder(pipeline: string): string {
  return `${journalFolder(pipeline)}segments/`
}

/** Where the files of a pipeline's journal are: segments that were merged. */
export function filesFolder(pipeline: string): string {
  return `${journalFolder(pipeline)}files/`
}

/** What an object is called within its folder. */
export function objectName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** Whether an object's name is that of what it says it holds. */
export function isNamedAfter(key: string, segments: readonly string[]): boolean {
  const name = objectName(key)
  if (segmentPattern.test(name)) return segments.length === 1 && segments[0] === name
  return name === fileName(segments)
}

/** The name of the file that holds certain segments, in whatever order they are given. */
export function fileName(segments: readonly string[]): string {
  return createHash('sha256').update(segments.toSorted().join('\n')).digest('hex').slice(0, 32)
}

/** Makes names of segments that sort by time, none of them twice. */
export function createSegmentNames(writer: string, now: () => number): () => string {
  let time = 0
  let sequence = 0
  return () => {
    const present = Math.max(time, Math.floor(now()))
    sequence = present === time ? sequence + 1 : 0
    time = present
    if (sequence === mostOfOneMillisecond) {
      time += 1
      sequence = 0
    }
    return `${String(time).padStart(13, '0')}-${writer}-${String(sequence).padStart(4, '0')}`
  }
}
