import { promisify } from 'node:util'
import {
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
  type ZstdOptions,
} from 'node:zlib'

/** Answers in a block; only an object's last one holds fewer. */
export const blockAnswers = 64

/** Below these sizes the way to another thread and back costs more than the work. */
const compressedHereBytes = 16 * 1024
const decompressedHereBytes = 64 * 1024

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Packs lines into one zstd frame with a checksum. */
export async function encodeBlock(lines: readonly string[]): Promise<Uint8Array> {
  const plain = Buffer.from(`${lines.join('\n')}\n`)
  const options: ZstdOptions = {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
    pledgedSrcSize: plain.length,
  }
  if (plain.length < compressedHereBytes) return zstdCompressSync(plain, options)
  return await compress(plain, options)
}

/** Unpacks what {@link encodeBlock} packed. @throws what zstd says of damaged bytes */
export async function decodeBlock(bytes: Uint8Array): Promise<string[]> {
  const plain =
    bytes.length < decompressedHereBytes ? zstdDecompressSync(bytes) : await decompress(bytes)
  const lines = plain.toString().split('\n')
  lines.pop()
  return lines
}
