import { packText, unpackText } from '../packed-text.ts'

/** Answers in a block; only an object's last one holds fewer. */
export const blockAnswers = 64

/** Packs lines into one zstd frame with a checksum. */
export async function encodeBlock(lines: readonly string[]): Promise<Uint8Array> {
  return await packText(`${lines.join('\n')}\n`, 1)
}

/** Unpacks what {@link encodeBlock} packed. @throws what zstd says of damaged bytes */
export async function decodeBlock(bytes: Uint8Array): Promise<string[]> {
  const lines = (await unpackText(bytes)).split('\n')
  lines.pop()
  return lines
}
