import type { Store } from './store.ts'

/** What is stored of a pipeline's epoch. */
interface StoredEpoch {
  readonly epoch: number
  /** The run that moved it last. */
  readonly movedFor: string
}

/** How often a pipeline was to be asked wholly anew. */
export async function readEpoch(store: Store, pipeline: string): Promise<number> {
  const bytes = await store.get(epochKey(pipeline))
  return bytes === undefined ? 0 : parse(bytes).epoch
}

/**
 * Moves a pipeline's epoch on by one for a run, and gives the epoch that is reached.
 *
 * Repeated for the same run it stays, unless another run has moved it meanwhile.
 */
export async function moveEpoch(store: Store, pipeline: string, run: string): Promise<number> {
  const key = epochKey(pipeline)
  for (;;) {
    const stored = await store.getVersioned(key)
    const before = stored === undefined ? undefined : parse(stored.bytes)
    if (before?.movedFor === run) return before.epoch
    const next: StoredEpoch = { epoch: (before?.epoch ?? 0) + 1, movedFor: run }
    const bytes = new TextEncoder().encode(JSON.stringify(next))
    if ((await store.compareAndSet(key, bytes, stored?.version)) !== undefined) return next.epoch
  }
}

function epochKey(pipeline: string): string {
  return `pipelines/${pipeline}/epoch`
}

function parse(bytes: Uint8Array): StoredEpoch {
  // Only `moveEpoch` writes such objects, whole or not at all.
  return JSON.parse(new TextDecoder().decode(bytes)) as StoredEpoch
}
