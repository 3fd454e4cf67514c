import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { messageOf, RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { ObjectInfo, Store } from '../store.ts'
import type { HashWords } from './answer-table.ts'
import { blockAnswers } from './journal-block.ts'
import { isNamedAfter } from './journal-keys.ts'
import { isSegmentUsage, type SegmentUsage } from './journal-usage.ts'

/*
 * An object of the journal: its blocks, then an index with an entry for each answer in the order of the blocks (its
 * hash, the number of its segment), then a footer (a zstd frame of JSON), then a tail (bytes of the index and of the
 * footer, magic). So one read from the end tells where everything is.
 */
const formatVersion = 1
const magic = Buffer.from('RTRTJRNL')
const tailBytes = 16

/** Bytes of a hash in an index; the number of its segment follows. */
export const hashBytes = 16
export const indexEntryBytes = 20

/** A segment that an object holds. */
export interface HeldSegment {
  readonly name: string
  /** What its answers cost, also those that an equal request's earlier answer made needless. */
  readonly usage: SegmentUsage
}

/** What an object says of itself. */
export interface JournalFooter {
  readonly answers: number
  /** Bytes of each block. */
  readonly blocks: readonly number[]
  readonly segments: readonly HeldSegment[]
}

/** What is behind the blocks of an object. */
export interface ObjectEnd {
  readonly footer: JournalFooter
  readonly index: Buffer
}

/** The hash of an answer in an index. */
export function readHash(index: Buffer, number: number): HashWords {
  const at = number * indexEntryBytes
  return {
    a: index.readUInt32BE(at),
    b: index.readUInt32BE(at + 4),
    c: index.readUInt32BE(at + 8),
  }
}

/** Writes what follows an object's blocks. */
export function encodeEnd({ footer, index }: ObjectEnd): Uint8Array {
  const { answers, blocks, segments } = footer
  const json = JSON.stringify({
    version: formatVersion,
    answers,
    blocks,
    segments: segments.map(({ name, usage }) => [name, usage]),
    indexHash: hashOf(index),
  })
  const packed = zstdCompressSync(json, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const tail = Buffer.alloc(tailBytes)
  tail.writeUInt32LE(index.length, 0)
  tail.writeUInt32LE(packed.length, 4)
  magic.copy(tail, 8)
  return Buffer.concat([index, packed, tail])
}

/**
 * Reads an object's footer and index; `undefined` where the object is gone.
 *
 * @throws RetortError `store-corrupt` where it is torn, damaged, or no such object
 */
export async function readEnd(store: Store, info: ObjectInfo): Promise<ObjectEnd | undefined> {
  const tail = await readTail(store, info, endGuess, (lengths) => lengths.index + lengths.footer)
  if (tail === undefined) return undefined
  const { bytes, lengths } = tail
  const { footer, indexHash } = parseFooter(info, lengths, bytes)
  const indexEnd = bytes.length - tailBytes - lengths.footer
  const index = bytes.subarray(indexEnd - lengths.index, indexEnd)
  if (hashOf(index) !== indexHash) throw corrupt(info.key, 'its index is damaged')
  for (let at = hashBytes; at < index.length; at += indexEntryBytes)
    if (index.readUInt32LE(at) >= footer.segments.length)
      throw corrupt(info.key, 'its index names a segment that it does not hold')
  return { footer, index }
}

/** Reads an object's footer alone, as {@link readEnd} does. */
export async function readFooter(
  store: Store,
  info: ObjectInfo,
): Promise<JournalFooter | undefined> {
  const tail = await readTail(store, info, footerGuess, (lengths) => lengths.footer)
  return tail === undefined ? undefined : parseFooter(info, tail.lengths, tail.bytes).footer
}

/** What is wrong with an object. */
export function corrupt(key: string, problem: string, cause?: unknown): RetortError {
  return new RetortError('store-corrupt', `Journal object '${key}' is passed over: ${problem}.`, {
    cause,
    data: { key, problem },
  })
}

interface Lengths {
  readonly index: number
  readonly footer: number
}

/** Bytes to read at first: enough for a segment of a thousand answers, and for the footer of one. */
const endGuess = 32 * 1024
const footerGuess = 4 * 1024

async function readTail(
  store: Store,
  { key, size }: ObjectInfo,
  guess: number,
  needed: (lengths: Lengths) => number,
): Promise<{ readonly bytes: Buffer; readonly lengths: Lengths } | undefined> {
  const first = await readRange(store, key, Math.max(0, size - guess), size)
  if (first === undefined) return undefined
  const tail = first.subarray(-tailBytes)
  if (tail.length < tailBytes || !tail.subarray(8).equals(magic))
    throw corrupt(key, 'it does not end as one')
  const lengths = { index: tail.readUInt32LE(0), footer: tail.readUInt32LE(4) }
  if (lengths.index + lengths.footer + tailBytes > size)
    throw corrupt(key, 'it is shorter than it says')
  const bytes = needed(lengths) + tailBytes
  if (bytes <= first.length) return { bytes: first, lengths }
  const start = await readRange(store, key, size - bytes, size - first.length)
  return start && { bytes: Buffer.concat([start, first]), lengths }
}

async function readRange(
  store: Store,
  key: string,
  from: number,
  to: number,
): Promise<Buffer | undefined> {
  const bytes = await store.getRange(key, from, to)
  if (bytes === undefined) return undefined
  if (bytes.length !== to - from) throw corrupt(key, 'it is shorter than listed')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function parseFooter(
  { key, size }: ObjectInfo,
  lengths: Lengths,
  bytes: Buffer,
): { readonly footer: JournalFooter; readonly indexHash: string } {
  const packed = bytes.subarray(bytes.length - tailBytes - lengths.footer, -tailBytes)
  const footer = unpackFooter(key, packed)
  if (!isObject(footer)) throw corrupt(key, 'its footer is none')
  const { version, answers, blocks, segments, indexHash } = footer
  if (version !== formatVersion)
    throw corrupt(key, `it has format ${String(version)} instead of ${formatVersion}`)
  if (
    !isCount(answers) ||
    !Array.isArray(blocks) ||
    !blocks.every(isCount) ||
    !Array.isArray(segments) ||
    typeof indexHash !== 'string'
  )
    throw corrupt(key, 'its footer lacks counts, blocks or segments')
  const content = blocks.reduce((sum, length) => sum + length, 0)
  if (
    blocks.length !== Math.ceil(answers / blockAnswers) ||
    lengths.index !== answers * indexEntryBytes ||
    content + lengths.index + lengths.footer + tailBytes !== size
  )
    throw corrupt(key, 'its parts do not add up to it')
  const held = segments.map((segment: unknown) => parseSegment(key, segment))
  if (
    !isNamedAfter(
      key,
      held.map(({ name }) => name),
    )
  )
    throw corrupt(key, 'it holds other segments than its name says')
  return { footer: { answers, blocks, segments: held }, indexHash }
}

function unpackFooter(key: string, packed: Uint8Array): unknown {
  try {
    return JSON.parse(zstdDecompressSync(packed).toString())
  } catch (error) {
    throw corrupt(key, `its footer cannot be read: ${messageOf(error)}`, error)
  }
}

function parseSegment(key: string, value: unknown): HeldSegment {
  if (Array.isArray(value)) {
    const [name, usage]: unknown[] = value
    if (typeof name === 'string' && isSegmentUsage(usage)) return { name, usage }
  }
  throw corrupt(key, 'its footer holds something that is no segment')
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
