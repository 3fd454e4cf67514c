import type { Plan } from '../core/plan.ts'
import { countRetries } from '../core/retry-numbers.ts'
import type { Raise, RetryNumbers } from '../core/retry-numbers.ts'
import type { Store } from './store.ts'

/** What is stored of a step's rows that were asked for anew; raises are only ever added. */
interface StoredRetries {
  readonly version: 1
  readonly raises: readonly Raise[]
}

/** The rows of a step that were asked for anew, run by run, the earliest first. */
export async function readRaises(
  store: Store,
  pipeline: string,
  signature: string,
): Promise<readonly Raise[]> {
  const bytes = await store.get(retriesKey(pipeline, signature))
  return bytes === undefined ? [] : parse(bytes)
}

/**
 * For each step of a plan the retry numbers that held when it was planned; those raised since are for later runs.
 *
 * @param samplesOf - how many samples a step asks for
 */
export async function readRetryNumbers(
  store: Store,
  plan: Plan,
  samplesOf: (step: number) => unknown,
): Promise<readonly (RetryNumbers | undefined)[]> {
  return await Promise.all(
    plan.steps.map(async ({ signature, retries }, index) => {
      if (retries === 0) return undefined
      const raises = await readRaises(store, plan.spec.name, signature)
      return countRetries(raises.slice(0, retries), (samplesOf(index) ?? 1) !== 1)
    }),
  )
}

/** Lets later runs ask anew for rows of a step; a run that has raised their numbers once raises them no more. */
export async function addRaise(
  store: Store,
  pipeline: string,
  signature: string,
  raise: Raise,
): Promise<void> {
  const key = retriesKey(pipeline, signature)
  for (;;) {
    const stored = await store.getVersioned(key)
    const before = stored === undefined ? [] : parse(stored.bytes)
    if (before.some(({ run }) => run === raise.run)) return
    const next: StoredRetries = { version: 1, raises: [...before, raise] }
    const bytes = new TextEncoder().encode(JSON.stringify(next))
    if ((await store.compareAndSet(key, bytes, stored?.version)) !== undefined) return
  }
}

function retriesKey(pipeline: string, signature: string): string {
  return `pipelines/${pipeline}/retries/${signature}`
}

function parse(bytes: Uint8Array): readonly Raise[] {
  // Only `addRaise` writes such objects, whole or not at all.
  return (JSON.parse(new TextDecoder().decode(bytes)) as StoredRetries).raises
}
