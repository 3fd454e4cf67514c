import { RetortError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { cardKey, latestKey, manifestKey } from './dataset-keys.ts'
import type { DatasetManifest } from './dataset-manifest.ts'
import { parseLatest, parseManifest } from './read-manifest.ts'
import type { LatestVersion } from './read-manifest.ts'

/**
 * Makes a version of a dataset visible, whose parts are stored already.
 *
 * Safe to call twice, also at once: one manifest wins, and every caller gets that one. Moves the pointer to the
 * latest version, unless it names a version made later or this one is not to be found that way.
 *
 * @param card - writes the README.md that goes with a manifest
 * @throws RetortError `run-foreign` where another run committed this version
 */
export async function commitDataset(
  store: Store,
  manifest: DatasetManifest,
  card: (manifest: DatasetManifest) => string,
  { isLatest = true }: { readonly isLatest?: boolean } = {},
): Promise<DatasetManifest> {
  const { name, version } = manifest
  const key = manifestKey(name, version)
  const stored = await store.get(key)
  const committed =
    stored === undefined
      ? await putManifest(store, key, manifest, card)
      : parseManifest(stored, key)
  if (committed.run !== manifest.run)
    throw new RetortError(
      'run-foreign',
      `Version '${version}' of dataset '${name}' was made by run '${committed.run}', so that run '${manifest.run}' cannot commit it.`,
    )
  if (isLatest) await moveLatest(store, committed)
  return committed
}

async function putManifest(
  store: Store,
  key: string,
  manifest: DatasetManifest,
  card: (manifest: DatasetManifest) => string,
): Promise<DatasetManifest> {
  await putCard(store, manifest, card)
  if (await store.putIfAbsent(key, toBytes(`${JSON.stringify(manifest, undefined, 2)}\n`)))
    return manifest
  const winner = await store.get(key)
  if (winner === undefined)
    throw new RetortError('store-corrupt', `'${key}' was there and is not any more.`)
  const committed = parseManifest(winner, key)
  await putCard(store, committed, card)
  return committed
}

async function putCard(
  store: Store,
  manifest: DatasetManifest,
  card: (manifest: DatasetManifest) => string,
): Promise<void> {
  await store.put(cardKey(manifest.name, manifest.version), toBytes(card(manifest)))
}

async function moveLatest(store: Store, manifest: DatasetManifest): Promise<void> {
  const { name, version, createdAt } = manifest
  const key = latestKey(name)
  const pointer = toBytes(`${JSON.stringify({ version, createdAt } satisfies LatestVersion)}\n`)
  for (;;) {
    const current = await store.getVersioned(key)
    if (current !== undefined && !isBefore(parseLatest(current.bytes, key), manifest)) return
    if ((await store.compareAndSet(key, pointer, current?.version)) !== undefined) return
  }
}

/** Whether one version is older than another; of two made in one millisecond the names decide. */
function isBefore(one: LatestVersion, other: LatestVersion): boolean {
  const difference = Date.parse(one.createdAt) - Date.parse(other.createdAt)
  return difference === 0 ? one.version < other.version : difference < 0
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
