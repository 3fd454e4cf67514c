import { isErrorCode, messageOf, RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { noBatchFigures } from '../core/staged-row.ts'
import type { BatchFigures, Chunk, RejectedRow, StagedRow } from '../core/staged-row.ts'
import { packText, unpackText } from './packed-text.ts'
import { isPlaces, stagedRowLine, toStagedRow } from './staged-row-line.ts'

const formatVersion = 2
const figureNames = Object.keys(noBatchFigures) as (keyof BatchFigures)[]
/** What a chunk's first line says. */
export interface ChunkHeader {
  readonly run: string
  readonly figures: BatchFigures
  /** How many rows follow. */
  readonly rows: number
  /** How many rejected rows follow those. */
  readonly rejected: number
}

/** Writes a chunk as JSON Lines in one zstd frame: a header, then the rows, then the rejected rows. */
export async function encodeChunk(chunk: Chunk): Promise<Uint8Array> {
  const { run, figures, rows, rejected } = chunk
  const header = { version: formatVersion, run, figures }
  let text = JSON.stringify({ ...header, rows: rows.length, rejected: rejected.length })
  for (const row of rows) text += `\n${stagedRowLine(row)}`
  for (const { origin, identity, step, code, reason, raw, row, places } of rejected) {
    const line = [origin, identity, step, code, reason, raw, row]
    text += `\n${JSON.stringify(places === undefined ? line : [...line, places])}`
  }
  return await packText(`${text}\n`, 3)
}

/**
 * Reads what {@link encodeChunk} wrote.
 *
 * @throws RetortError `store-corrupt` that says what is wrong, and with which chunk if its name is told
 */
export async function decodeChunk(bytes: Uint8Array, name = ''): Promise<Chunk> {
  const lines = await readLines(bytes, name)
  const { run, figures, rows, rejected } = parseHeader(lines[0] ?? '', name)
  if (lines.length !== 1 + rows + rejected)
    throw corrupt(name, `it holds ${lines.length - 1} lines instead of ${rows + rejected}`)
  return {
    run,
    figures,
    rows: lines.slice(1, 1 + rows).map((line, index) => parseRow(line, index + 2, name)),
    rejected: lines
      .slice(1 + rows)
      .map((line, index) => parseRejected(line, index + rows + 2, name)),
  }
}

/** Reads the header of what {@link encodeChunk} wrote. @throws RetortError `store-corrupt` */
export async function readChunkHeader(bytes: Uint8Array, name = ''): Promise<ChunkHeader> {
  const [line = ''] = await readLines(bytes, name)
  return parseHeader(line, name)
}

async function readLines(bytes: Uint8Array, name: string): Promise<string[]> {
  try {
    const lines = (await unpackText(bytes)).split('\n')
    if (lines.pop() === '') return lines
  } catch (error) {
    throw corrupt(name, `it cannot be decompressed: ${messageOf(error)}`, error)
  }
  throw corrupt(name, 'its last line is cut off')
}

function parseHeader(line: string, name: string): ChunkHeader {
  const header = parseLine(line, 1, name)
  if (!isObject(header)) throw corrupt(name, 'its first line is no header')
  const { version, run, figures, rows, rejected } = header
  if (version !== formatVersion)
    throw corrupt(name, `it has format ${String(version)} instead of ${formatVersion}`)
  if (typeof run !== 'string' || !isCount(rows) || !isCount(rejected) || !isObject(figures))
    throw corrupt(name, 'its header lacks a run, figures or counts')
  return { run, figures: parseFigures(figures, name), rows, rejected }
}

function parseFigures(figures: Readonly<Record<string, unknown>>, name: string): BatchFigures {
  const parsed: Record<keyof BatchFigures, number> = { ...noBatchFigures }
  for (const key of figureNames) {
    // Chunks of earlier releases lack some.
    const count = figures[key] ?? 0
    if (!isCount(count)) throw corrupt(name, `the figure '${key}' of its header is no number`)
    parsed[key] = count
  }
  return parsed
}

function parseRow(line: string, number: number, name: string): StagedRow {
  const row = toStagedRow(parseLine(line, number, name))
  if (row === undefined) throw corrupt(name, `line ${number} is no row`)
  return row
}

function parseRejected(line: string, number: number, name: string): RejectedRow {
  const value = parseLine(line, number, name)
  if (Array.isArray(value)) {
    const [origin, identity, step, code, reason, raw, row, places]: unknown[] = value
    if (
      typeof origin === 'string' &&
      typeof identity === 'string' &&
      typeof step === 'string' &&
      typeof code === 'string' &&
      isErrorCode(code) &&
      typeof reason === 'string' &&
      (raw === null || typeof raw === 'string') &&
      isObject(row)
    ) {
      const rejected = { origin, identity, step, code, reason, raw, row }
      return isPlaces(places) ? { ...rejected, places } : rejected
    }
  }
  throw corrupt(name, `line ${number} is no rejected row`)
}

function parseLine(line: string, number: number, name: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw corrupt(name, `line ${number} is no JSON`, error)
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function corrupt(name: string, problem: string, cause?: unknown): RetortError {
  return new RetortError(
    'store-corrupt',
    `Stored chunk${name === '' ? '' : ` '${name}'`} is damaged: ${problem}; remove it, and it is made again.`,
    { cause },
  )
}
