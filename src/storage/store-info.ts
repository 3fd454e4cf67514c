import { randomUUID } from 'node:crypto'

import { isRetortError, RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import type { Store } from './store.ts'

const infoKey = 'retort.json'
const formatVersion = 1

/** What a store says of itself. */
export interface StoreInfo {
  /** Random, given once: tells one store from another wherever it is reached from. */
  readonly storeId: string
}

/** What a store is opened for. */
export interface CheckStoreOptions {
  /** `read` creates nothing and needs no right to write; `write` by default. */
  readonly access?: 'read' | 'write'
}

/**
 * Checks that a store is there and can be used, and returns its identity, which the first to write there gives it.
 *
 * @throws RetortError `store-unreachable`, `bucket-missing`, `store-denied`, `store-read-only`, `store-full`, `key-missing`,
 * `store-newer` or `store-corrupt`, with one sentence that names the store and what to do
 */
export async function checkStore(
  store: Store,
  options: CheckStoreOptions = {},
): Promise<StoreInfo> {
  try {
    if (options.access === 'read') return await readInfo(store)
    await checkWritable(store)
    return await readOrCreateInfo(store)
  } catch (error) {
    throw atFirstContact(error, store)
  }
}

async function readInfo(store: Store): Promise<StoreInfo> {
  const bytes = await store.get(infoKey)
  if (bytes !== undefined) return parseInfo(store, bytes)
  throw new RetortError(
    'store-unreachable',
    `Store '${store.uri}' is empty: nothing was ever run there; check --store or RETORT_STORE.`,
  )
}

async function readOrCreateInfo(store: Store): Promise<StoreInfo> {
  const bytes = await store.get(infoKey)
  if (bytes !== undefined) return parseInfo(store, bytes)
  const created = JSON.stringify({ formatVersion, storeId: randomUUID() })
  await store.putIfAbsent(infoKey, new TextEncoder().encode(`${created}\n`))
  return await readInfo(store)
}

async function checkWritable(store: Store): Promise<void> {
  const key = `probes/${randomUUID()}`
  await store.put(key, new Uint8Array())
  await store.delete(key)
}

function parseInfo(store: Store, bytes: Uint8Array): StoreInfo {
  const info = parseJson(new TextDecoder().decode(bytes))
  if (!isObject(info) || typeof info['formatVersion'] !== 'number')
    throw new RetortError(
      'store-corrupt',
      `'${infoKey}' of store '${store.uri}' is not what Retort writes there; choose another store, or remove that file if nothing else is there.`,
    )
  if (info['formatVersion'] > formatVersion)
    throw new RetortError(
      'store-newer',
      `Store '${store.uri}' has format ${info['formatVersion']}, this version of Retort knows up to ${formatVersion}: update Retort or choose another store.`,
    )
  if (typeof info['storeId'] !== 'string' || !/^[A-Za-z0-9-]{1,64}$/.test(info['storeId']))
    throw new RetortError(
      'store-corrupt',
      `'${infoKey}' of store '${store.uri}' has no id of the store in 'storeId'.`,
    )
  return { storeId: info['storeId'] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The sentence for a user who named the place.
 *
 * A failure that a run would wait for, or stop at, means before anything ran that the place is wrong.
 */
function atFirstContact(error: unknown, store: Store): unknown {
  if (!isRetortError(error)) return error
  const { attempt, reason } = error.data
  if (typeof attempt !== 'string' || typeof reason !== 'string') return error
  const details = { cause: error, data: error.data }
  if (error.code === 'store-unavailable')
    return new RetortError(
      'store-unreachable',
      `Store '${store.uri}' cannot be reached (${reason}); check --store or RETORT_STORE, and for s3 AWS_ENDPOINT_URL_S3 and AWS_REGION.`,
      details,
    )
  if (error.code === 'store-denied' && store.uri.startsWith('file:'))
    return new RetortError(
      'store-read-only',
      `Store '${store.uri}' cannot be written by this user (${reason}); change the folder's permissions or choose another with --store or RETORT_STORE.`,
      details,
    )
  // Which probe failed says nothing to the user.
  const message = error.message.replace(`could not ${attempt}`, 'cannot be used')
  return new RetortError(error.code, message, details)
}
