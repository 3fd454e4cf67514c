import { RetortError } from '../core/errors.ts'
import { nearestName } from '../core/names.ts'
import { planKey } from '../core/plan.ts'
import { openDataset } from '../storage/dataset/open-dataset.ts'
import type { Dataset } from '../storage/dataset/open-dataset.ts'
import { listDatasets } from '../storage/dataset/read-manifest.ts'
import type { Store } from '../storage/store.ts'

/**
 * Opens the dataset that a user means by a run id, `name`, `name/version`, or by nothing: the latest of the store.
 *
 * @throws RetortError `dataset-missing`, naming what is there
 */
export async function findDataset(store: Store, asked?: string): Promise<Dataset> {
  const [wantedName = '', wantedVersion] = asked?.split('/') ?? []
  if (wantedVersion !== undefined) return await openDataset(store, wantedName, wantedVersion)
  const all = await listDatasets(store)
  const found =
    asked === undefined
      ? all[0]
      : (all.find(({ version }) => version === asked) ?? all.find(({ name }) => name === asked))
  if (found === undefined) throw await missing(store, asked, all)
  // A name means what its pointer says; the listing knows only when things were written.
  const isByName = found.version !== asked && asked !== undefined
  return await openDataset(store, found.name, isByName ? undefined : found.version)
}

async function missing(
  store: Store,
  asked: string | undefined,
  all: Awaited<ReturnType<typeof listDatasets>>,
): Promise<RetortError> {
  if (asked === undefined)
    return new RetortError(
      'dataset-missing',
      `There is no dataset in ${store.uri} yet; a run that completes leaves one.`,
    )
  if (/^[A-Za-z0-9._-]{1,200}$/.test(asked) && (await store.head(planKey(asked))) !== undefined)
    return new RetortError(
      'dataset-missing',
      `Run '${asked}' has no dataset yet: it has not completed.`,
    )
  const known = [...new Set(all.flatMap(({ name, version }) => [version, name]))]
  return new RetortError(
    'dataset-missing',
    `There is no run or dataset '${asked}' in ${store.uri}. ${nearestName(asked, known)}`,
  )
}
