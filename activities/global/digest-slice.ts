import { uneven } from './decide-rows.ts'
import type { GlobalServices } from './global-work.ts'
import { runRows } from './run-rows.ts'
import type { LiveGlobal } from './run-rows.ts'
import { readSlice } from './slice-rows.ts'
import type { Slice } from './slices.ts'

/** What a global step notes of the rows of a slice, of which those that it has to reject are left out. */
export async function digestSlice(
  services: GlobalServices,
  global: LiveGlobal,
  step: number,
  slice: Slice | undefined,
): Promise<{ readonly rows: number; readonly digests: readonly Uint8Array[] }> {
  const { definition, context } = global
  const digests: Uint8Array[] = []
  let rows = 0
  if (slice === undefined) return { rows, digests }
  for await (const some of readSlice(services, step, slice)) {
    services.signal.throwIfAborted()
    await runRows(global, some, (row) => {
      rows++
      const digest = definition.digest?.(row, context)
      if (digest === undefined) return []
      if (digest.length !== (digests[0]?.length ?? digest.length)) throw uneven(context.stepName)
      digests.push(digest)
      return []
    })
  }
  return { rows, digests }
}
