import type { FoundFile } from './found-file.ts'

/** The bytes of a small file. */
export async function readWhole(file: Pick<FoundFile, 'read'>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(file.read(new AbortController().signal)))
}
