import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'

/** What of a global step's work is gone, and is made again by who looks for it anew. */
export function missingObject(store: Store, key: string): RetortError {
  return new RetortError(
    'store-corrupt',
    `Object '${key}' is not in ${store.uri} any longer; start the run again, and it is made anew.`,
  )
}
