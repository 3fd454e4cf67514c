import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** What was written to a text file. */
export interface WrittenText {
  readonly lines: number
  /** Of the whole file. */
  readonly bytes: number
  /** Bytes of the longest line. */
  readonly longest: number
}

const bufferSize = 1 << 18

/** Writes lines to a new file, in order, and fsyncs it; each line ends as `lineEnd` says. */
export async function writeText(
  file: string,
  lines: AsyncIterable<string>,
  options: { readonly lineEnd?: string; readonly isDurable?: boolean } = {},
): Promise<WrittenText> {
  const { lineEnd = '\n', isDurable = false } = options
  const handle = await open(file, 'wx')
  // One for all lines: texts that are put together first would be garbage that lives for long.
  const buffer = Buffer.allocUnsafe(bufferSize)
  let used = 0
  const flush = async () => {
    await writeWhole(handle, buffer.subarray(0, used))
    used = 0
  }
  try {
    const written = { lines: 0, bytes: 0, longest: 0 }
    for await (const line of lines) {
      const size = Buffer.byteLength(line)
      written.lines += 1
      written.bytes += size + lineEnd.length
      written.longest = Math.max(written.longest, size)
      if (used + size + lineEnd.length > bufferSize) await flush()
      if (size + lineEnd.length > bufferSize) await writeWhole(handle, Buffer.from(line + lineEnd))
      else {
        used += buffer.write(line, used)
        used += buffer.write(lineEnd, used)
      }
    }
    await flush()
    if (isDurable) await handle.sync()
    return written
  } finally {
    await handle.close()
  }
}

/** Writes all of some bytes; the system may take them in several parts. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done)
    done += bytesWritten
  }
}
