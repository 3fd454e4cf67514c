import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { createFileStore } from '../../../src/storage/file-store.ts'
import type { Store } from '../../../src/storage/store.ts'

/** Makes a store of a folder that is there as long as the test runs. */
export async function makeStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'retort-journal-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return createFileStore(folder)
}
