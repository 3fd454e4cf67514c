import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

import { canonicalJson } from './json.ts'

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

/** SHA-256 of a value's canonical JSON, as 64 hexadecimal digits. */
export function hashJson(value: unknown): string {
  return hashText(canonicalJson(value))
}
