import type { Row } from '../core/columns.ts'
import { isObject } from '../core/json.ts'
import type { StagedRow } from '../core/staged-row.ts'
import { packVectors, unpackVectors } from './vector-text.ts'

/** Where a stored row keeps the line that it would be written as; copies of it that hold something else do not. */
const lineKey = Symbol('line')

/** A staged row as one line of JSON. */
export function stagedRowLine(staged: StagedRow): string {
  const line: unknown = Reflect.get(staged, lineKey)
  if (typeof line === 'string') return line
  const { origin, identity, places } = staged
  const row = packVectors(staged.row)
  return JSON.stringify(
    places === undefined ? [origin, identity, row] : [origin, identity, row, places],
  )
}

/** The row of a line of {@link stagedRowLine} that was parsed; `undefined` where it is none. */
export function toStagedRow(value: unknown): StagedRow | undefined {
  if (!Array.isArray(value)) return undefined
  const [origin, identity, row, places]: unknown[] = value
  if (typeof origin !== 'string' || typeof identity !== 'string' || !isObject(row)) return undefined
  // It was parsed for this alone.
  unpackVectors(row)
  if (places === undefined) return { origin, identity, row }
  return isPlaces(places) ? { origin, identity, row, places } : undefined
}

/** Whether a value is the places of a row. */
export function isPlaces(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

/**
 * A row of a source, read when it is looked at: what only passes is neither parsed nor written anew.
 *
 * @param json - the row as it is stored
 */
export function sourceRow(position: number, identity: string, json: string): StagedRow {
  const origin = String(position)
  return storedRow({ origin, identity }, `["${origin}","${identity}",${json}]`, () => {
    // Only rows are ever put into a block.
    return JSON.parse(json) as Row
  })
}

/** A row that a global step left, as {@link sourceRow}; `undefined` where the line is none. */
export function leftRow(position: number, text: string): StagedRow | undefined {
  const [, origin, identity] = /^\["([\w.]+)","([\w.]+)",\{/.exec(text) ?? []
  if (origin === undefined || identity === undefined) return undefined
  // A row ends with a brace; where a bracket is in front of the last one, places stand behind it.
  const hasPlaces = text.endsWith(']]')
  const body = hasPlaces ? text.slice(0, -2) : text.slice(0, -1)
  const before = hasPlaces
    ? body
        .slice(body.lastIndexOf('[') + 1)
        .split(',')
        .map(Number)
    : []
  const line = `${body},${hasPlaces ? '' : '['}${position}]]`
  return storedRow({ origin, identity, places: [...before, position] }, line, () => {
    const row = toStagedRow(JSON.parse(text))?.row
    if (row === undefined) throw new TypeError(`'${text.slice(0, 40)}' is no row.`)
    return row
  })
}

function storedRow(known: Omit<StagedRow, 'row'>, line: string, parse: () => Row): StagedRow {
  let parsed: Row | undefined
  const staged = {
    ...known,
    get row(): Row {
      return (parsed ??= parse())
    },
  }
  Object.defineProperty(staged, lineKey, { value: line, enumerable: false })
  return staged
}
