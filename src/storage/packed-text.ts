import { promisify } from 'node:util'
import {
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
  type ZstdOptions,
} from 'node:zlib'

/** Below these sizes the way to another thread and back costs more than the work. */
const compressedHereBytes = 16 * 1024
const decompressedHereBytes = 64 * 1024

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** Packs a text into one zstd frame with a checksum. Lower levels are faster. */
export async function packText(text: string, level: 1 | 3): Promise<Uint8Array> {
  const plain = Buffer.from(text)
  const options: ZstdOptions = {
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
    pledgedSrcSize: plain.length,
  }
  if (plain.length < compressedHereBytes) return zstdCompressSync(plain, options)
  return await compress(plain, options)
}

/** Unpacks what {@link packText} packed. @throws what zstd says of damaged bytes */
export async function unpackText(bytes: Uint8Array): Promise<string> {
  const plain =
    bytes.length < decompressedHereBytes ? zstdDecompressSync(bytes) : await decompress(bytes)
  return plain.toString()
}
