import { hash } from 'node:crypto'

import { RetortError } from '../../core/errors.ts'
import { packText, unpackText } from '../packed-text.ts'
import type { Store } from '../store.ts'

/**
 * Stores rows, each already one line of JSON, as one block; returns its name.
 *
 * @param nameOf - makes the name out of the hash of the lines
 */
export async function putRowBlock(
  store: Store,
  prefix: string,
  nameOf: (sha256: string) => string,
  lines: readonly string[],
): Promise<string> {
  const text = lines.join('\n')
  const name = nameOf(hash('sha256', text, 'hex'))
  await store.putIfAbsent(`${prefix}${name}`, await packText(text, 3))
  return name
}

/** The rows of a block, each as JSON. @throws RetortError `store-corrupt` */
export async function getRowBlock(store: Store, key: string): Promise<string[]> {
  const bytes = await store.get(key)
  try {
    if (bytes !== undefined) return (await unpackText(bytes)).split('\n')
  } catch (cause) {
    throw broken(store, key, 'is damaged', cause)
  }
  throw broken(store, key, 'is not there')
}

function broken(store: Store, key: string, what: string, cause?: unknown): RetortError {
  const folder = key.slice(0, key.lastIndexOf('/', key.lastIndexOf('/') - 1) + 1)
  return new RetortError(
    'store-corrupt',
    `Object '${key}' in ${store.uri} ${what}; delete what begins with '${folder}' there, and start the run again to have it made anew.`,
    { cause },
  )
}
