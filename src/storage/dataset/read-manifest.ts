import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { quoted } from '../../core/names.ts'
import type { Store } from '../store.ts'
import { latestKey, manifestKey } from './dataset-keys.ts'
import type { DatasetManifest } from './dataset-manifest.ts'

/** What a dataset's pointer `latest` holds. */
export interface LatestVersion {
  readonly version: string
  readonly createdAt: string
}

/** A version of a dataset that the store holds. */
export interface DatasetReference {
  readonly name: string
  readonly version: string
  /** When it was committed, by the store's clock. */
  readonly committedAt: Date
}

/**
 * Reads the manifest of a dataset's version, `latest` by default.
 *
 * @throws RetortError `dataset-missing`, naming those there are; `store-newer`; `store-corrupt`
 */
export async function readManifest(
  store: Store,
  name: string,
  version = 'latest',
): Promise<DatasetManifest> {
  const wanted = version === 'latest' ? await readLatest(store, name) : version
  const key = manifestKey(name, wanted ?? version)
  const bytes = wanted === undefined ? undefined : await store.get(key)
  if (bytes === undefined) throw await missing(store, name, version)
  return parseManifest(bytes, key)
}

/** Every committed version of every dataset, the newest first. */
export async function listDatasets(store: Store): Promise<readonly DatasetReference[]> {
  const found: DatasetReference[] = []
  for await (const { key, modified } of store.list('datasets/')) {
    const [, name, version, file, ...rest] = key.split('/')
    if (file !== 'dataset.json' || rest.length > 0 || name === undefined || version === undefined)
      continue
    found.push({ name, version, committedAt: modified })
  }
  return found.toSorted((a, b) => b.committedAt.getTime() - a.committedAt.getTime())
}

/** The manifest that bytes hold. */
export function parseManifest(bytes: Uint8Array, key: string): DatasetManifest {
  const value = parseObject(bytes, key)
  if (value['format'] === 1 && Array.isArray(value['leaves']))
    // Only `commitDataset` writes objects of this name, whole or not at all, and this is its format.
    return { costUsd: null, sharedAnswers: 0, ...value } as unknown as DatasetManifest
  if (typeof value['format'] === 'number' && value['format'] > 1)
    throw new RetortError(
      'store-newer',
      `'${key}' has format ${value['format']}, which a newer release of Retort wrote; this one reads format 1.`,
    )
  throw corrupt(key)
}

/** The version that the bytes of a pointer name. */
export function parseLatest(bytes: Uint8Array, key: string): LatestVersion {
  const { version, createdAt } = parseObject(bytes, key)
  if (typeof version !== 'string' || typeof createdAt !== 'string') throw corrupt(key)
  return { version, createdAt }
}

async function readLatest(store: Store, name: string): Promise<string | undefined> {
  const key = latestKey(name)
  const bytes = await store.get(key)
  return bytes === undefined ? undefined : parseLatest(bytes, key).version
}

async function missing(store: Store, name: string, version: string): Promise<RetortError> {
  const all = await listDatasets(store)
  const versions = all.filter((one) => one.name === name).map((one) => one.version)
  const names = [...new Set(all.map((one) => one.name))]
  if (versions.length > 0)
    return new RetortError(
      'dataset-missing',
      `Dataset '${name}' in ${store.uri} has no version '${version}'. Versions there: ${quoted(versions.slice(0, 20))}.`,
    )
  return new RetortError(
    'dataset-missing',
    `There is no dataset '${name}' in ${store.uri}. ${names.length === 0 ? 'It holds none yet.' : `Datasets there: ${quoted(names.slice(0, 20))}.`}`,
  )
}

function parseObject(bytes: Uint8Array, key: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (isObject(value)) return value
  } catch {
    // Told below.
  }
  throw corrupt(key)
}

function corrupt(key: string): RetortError {
  return new RetortError('store-corrupt', `'${key}' is not what Retort writes there.`)
}
