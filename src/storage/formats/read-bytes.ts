import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

import { isRetortError } from '../../core/errors.ts'
import { malformed } from './malformed.ts'
import type { SourceFile } from './source-file.ts'

/** A file's bytes, unpacked where it is compressed and without a byte order mark. */
export async function* readBytes(file: SourceFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const piece of unpacked(file, signal)) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    if (bytes.length === 0) continue
    yield isFirst && hasMark(bytes) ? bytes.subarray(3) : bytes
    isFirst = false
  }
}

/** A file's text, piece by piece. */
export async function* readText(file: SourceFile, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Buffer) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch (error) {
      throw malformed(file, 'is not UTF-8', { cause: error })
    }
  }
  for await (const bytes of readBytes(file, signal)) yield decode(bytes)
  yield decode()
}

async function* unpacked(file: SourceFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (file.compression === 'none') {
    yield* file.read(signal)
    return
  }
  const unpack = file.compression === 'gzip' ? createGunzip() : createZstdDecompress()
  const source = Readable.from(file.read(signal))
  source.on('error', (error) => unpack.destroy(error))
  try {
    yield* source.pipe(unpack)
  } catch (error) {
    if (isRetortError(error) || signal.aborted) throw error
    throw malformed(file, `is not the ${file.compression} that its name says`, { cause: error })
  } finally {
    source.destroy()
    unpack.destroy()
  }
}

function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}
