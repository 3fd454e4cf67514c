import { open } from 'node:fs/promises'

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
  try {
    const written = { lines: 0, bytes: 0, longest: 0 }
    let buffer = ''
    for await (const line of lines) {
      const size = Buffer.byteLength(line)
      written.lines += 1
      written.bytes += size + lineEnd.length
      written.longest = Math.max(written.longest, size)
      buffer += line + lineEnd
      if (buffer.length < bufferSize) continue
      await handle.appendFile(buffer)
      buffer = ''
    }
    await handle.appendFile(buffer)
    if (isDurable) await handle.sync()
    return written
  } finally {
    await handle.close()
  }
}
