import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import type { FileRequest, SourceFiles } from '../../src/core/source-files.ts'
import { createSourceFiles } from '../../src/storage/source-files.ts'

/** A folder with files to read rows from; removed when the test file ends. */
export interface SourceFolder {
  readonly path: string
  readonly files: SourceFiles
  write(name: string, content: string | Uint8Array): Promise<void>
  /** Every row of a request, or of the file of this name. */
  read(request: string | FileRequest): Promise<Row[]>
}

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

/** Makes an empty folder. */
export async function makeSourceFolder(): Promise<SourceFolder> {
  const path = await mkdtemp(join(tmpdir(), 'retort-test-source-'))
  folders.push(path)
  const files = createSourceFiles({ workingFolder: path })
  return {
    path,
    files,
    async write(name, content) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    },
    async read(request) {
      const { signal } = new AbortController()
      const whole = typeof request === 'string' ? { dataFiles: request } : request
      return await Array.fromAsync(files.rows(whole, signal))
    },
  }
}
