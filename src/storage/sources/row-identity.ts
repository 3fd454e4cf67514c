import { hash } from 'node:crypto'

/** Bytes of a row's identity. */
export const identityBytes = 16

/** Identity of the row before which `occurrence` equal ones stand, a character a byte. */
export function identityOf(canonicalRow: string, occurrence: number): string {
  return hash('sha256', `${canonicalRow}#${occurrence}`, 'binary').slice(0, identityBytes)
}

/** The identities of all rows of a source, {@link identityBytes} each, in order. */
export interface Identities {
  readonly sha256: string
  readonly size: number
  pieces(): AsyncIterable<Uint8Array>
}
