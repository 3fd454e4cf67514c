import { isObject } from '../core/json.ts'
import { workersFolder } from '../core/run-names.ts'
import { isAlive } from '../storage/process-identity.ts'
import type { Store } from '../storage/store.ts'

const silenceMilliseconds = 15_000

/**
 * Whether a worker that is alive serves a queue.
 *
 * A worker renews its sign every five seconds. It is dead when its process is gone from this host, or after
 * fifteen seconds of silence wherever it was.
 */
export async function hasLiveWorker(store: Store, queue: string): Promise<boolean> {
  for await (const { key, modified } of store.list(workersFolder(queue))) {
    if (Date.now() - modified.getTime() > silenceMilliseconds) continue
    const bytes = await store.get(key)
    if (bytes === undefined) continue
    const { pid, start, host } = parseSign(bytes)
    if (typeof pid !== 'number' || typeof start !== 'string' || typeof host !== 'string') continue
    if (isAlive({ pid, start, host })) return true
  }
  return false
}

/** A sign is written without a guarantee, so that a power failure may leave half of one. */
function parseSign(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const sign: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isObject(sign) ? sign : {}
  } catch {
    return {}
  }
}
