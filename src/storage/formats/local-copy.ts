import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { LocalPlace, SourceFile } from './source-file.ts'

/** Lets `use` work with a file's place on this machine; a file from elsewhere is copied for as long. */
export async function* withLocalPlace<T>(
  file: SourceFile,
  signal: AbortSignal,
  use: (place: LocalPlace) => AsyncIterable<T>,
): AsyncGenerator<T> {
  if (file.local !== undefined) {
    yield* use(file.local)
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'retort-source-'))
  try {
    const path = join(folder, 'copy')
    await pipeline(Readable.from(file.read(signal)), createWriteStream(path), { signal })
    yield* use({ path, check: async () => {} })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
