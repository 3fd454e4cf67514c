import { hash } from 'node:crypto'

import type { Row } from '../../src/core/columns.ts'
import { isRejection } from '../../src/core/rejection.ts'
import type { GlobalDefinition, GlobalRow } from '../../src/core/global-step.ts'

const sha256 = (text: string) => hash('sha256', text, 'buffer')

/** A row that a global step lets pass, with what it adds. */
export interface PassedRow extends GlobalRow {
  /** Index of the row that it was made of. */
  readonly from: number
}

/** What a global step makes of rows that are all in memory, in parts of so many rows. */
export async function runAllRows(
  definition: GlobalDefinition,
  params: Row,
  rows: readonly GlobalRow[],
  { seed = 0, partSize = 3 } = {},
): Promise<PassedRow[]> {
  const context = {
    params,
    stepName: 'it',
    seed,
    signal: new AbortController().signal,
    hash: sha256,
  }
  const parts: (readonly GlobalRow[])[] = []
  for (let from = 0; from < rows.length; from += partSize)
    parts.push(rows.slice(from, from + partSize))
  const digests = parts.map((part) => ({
    rows: part.length,
    read: async () =>
      Buffer.concat(part.map((row) => definition.digest?.(row, context) ?? new Uint8Array())),
  }))
  const decided = await Array.fromAsync(definition.decide?.(digests, context) ?? [])
  const decisions = decided.flatMap((bytes, part) => {
    const width = bytes.length / (parts[part]?.length ?? 1)
    return (parts[part] ?? []).map((_, row) => bytes.subarray(row * width, (row + 1) * width))
  })
  const passed = rows.flatMap((row, from): PassedRow[] => {
    const made = definition.make?.(row, decisions[from] ?? new Uint8Array(), context) ?? {}
    const list = [made].flat().filter((one) => !isRejection(one))
    return list.map((added) => ({ ...row, row: { ...row.row, ...added }, from }))
  })
  const { shuffleKey } = definition
  if (shuffleKey === undefined) return passed
  const keyOf = (row: GlobalRow) => Buffer.from(shuffleKey(row, context)).toString('hex')
  return passed.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
