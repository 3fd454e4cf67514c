import type { Row } from '../core/columns.ts'

/** What the one member of an object is called that stands for a list of 32-bit floats; no column is. */
const vectorName = '\u0000float32'
/** Shorter lists are as short in plain JSON. */
const leastNumbers = 16

/**
 * A row as JSON holds it in a third of the space: its columns that are lists of 32-bit floats as their bytes in base64.
 *
 * Packed with zstd, base64 takes about the space of the bytes themselves.
 */
export function packVectors(row: Row): Row {
  let packed: Record<string, unknown> | undefined
  for (const name in row) {
    const value = row[name]
    if (!Array.isArray(value) || value.length < leastNumbers || typeof value[0] !== 'number')
      continue
    const vector = toVector(value)
    if (vector !== undefined) (packed ??= { ...row })[name] = { [vectorName]: vector }
  }
  return packed ?? row
}

/** Puts the lists back that {@link packVectors} took out, into the row itself. */
export function unpackVectors(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const text: unknown = Reflect.get(value, vectorName)
    if (typeof text === 'string') row[name] = fromVector(text)
  }
}

/** The bytes of numbers of which each is a 32-bit float, in base64; `undefined` where one is none. */
function toVector(values: readonly unknown[]): string | undefined {
  const floats = new Float32Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'number') return undefined
    floats[index] = value
    // A zero with a sign stays one here, as it does not in plain JSON.
    if (floats[index] !== value || Object.is(value, -0)) return undefined
  }
  return Buffer.from(floats.buffer).toString('base64')
}

function fromVector(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  const { buffer } = new Uint8Array(bytes)
  return Array.from(new Float32Array(buffer))
}
