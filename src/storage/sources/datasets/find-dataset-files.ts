import { RetortError } from '../../../core/errors.ts'
import { quoted } from '../../../core/names.ts'
import type { DatasetRequest } from '../../../core/source-files.ts'
import { formatOfName } from '../../formats/source-file.ts'
import type { SourceFile } from '../../formats/source-file.ts'
import { toSourceFile } from '../find-source-files.ts'
import type { FoundFile } from '../found-file.ts'
import { parseHubDataset } from '../hub-address.ts'
import { readWhole } from '../read-whole.ts'
import type { Remotes } from '../remotes.ts'
import { bucketPlace } from './bucket-place.ts'
import { configsOfCard } from './card-configs.ts'
import { chooseConfig, chooseSplit } from './choose-split.ts'
import type { DatasetPlace } from './dataset-place.ts'
import { hubPlace } from './hub-place.ts'
import { localPlace } from './local-place.ts'
import { findOwnDataset, ownFiles } from './own-dataset.ts'
import { configsByName } from './split-names.ts'

/**
 * Finds the files of a dataset's config and split, in the order in which they are read: by the manifest of a dataset of
 * ours, else by the card (`configs` of its README.md), else by the names of the files.
 *
 * @throws RetortError `parameter-invalid` with the configs or splits that there are, `file-missing`, `dataset-missing`
 */
export async function findDatasetFiles(
  request: DatasetRequest,
  workingFolder: string,
  remotes: Remotes,
): Promise<readonly SourceFile[]> {
  const { config, split } = request
  const place = await openPlace(request, workingFolder, remotes)
  // What a tool of others put onto the Hub may be called as our files are.
  const own = request.dataset.startsWith('hf://') ? undefined : await findOwnDataset(place)
  if (own !== undefined) return await ownFiles(own, config, split)
  const files = await place.list()
  const paths = [...files.keys()]
  refuseSeveral(place, paths)
  const data = paths.filter(isData)
  if (data.length === 0) throw noData(place, paths)
  const card = files.get('README.md')
  const configs =
    (card === undefined
      ? undefined
      : configsOfCard((await readWhole(card)).toString('utf8'), place.name, paths)) ??
    configsByName(data)
  const chosen = chooseSplit(chooseConfig(configs, config, place.name), split, inSentence(place))
  return checkFormats(
    chosen.paths.flatMap((path) => {
      const file = files.get(path)
      return file === undefined ? [] : [file]
    }),
    place,
  )
}

async function openPlace(
  { dataset, revision }: DatasetRequest,
  workingFolder: string,
  remotes: Remotes,
): Promise<DatasetPlace> {
  if (dataset.startsWith('s3://')) return bucketPlace(dataset, await remotes.buckets())
  if (!dataset.startsWith('hf://')) return localPlace(dataset, workingFolder)
  const datasets = await remotes.datasets()
  const address = parseHubDataset(dataset)
  const commit = await datasets.commit(address.repo, revision ?? address.revision)
  return hubPlace(commit, datasets, address.path)
}

/** Refuses a folder of several datasets of ours, or of their versions. */
function refuseSeveral(place: DatasetPlace, paths: readonly string[]): void {
  const several = paths.flatMap(
    (path) => /^([^/]+)\/(?:latest|dataset\.json)$/.exec(path)?.[1] ?? [],
  )
  if (several.length > 0)
    throw new RetortError(
      'parameter-invalid',
      `${place.name} holds several datasets of Retort or versions of one; name one of the folders in it: ${quoted(several.slice(0, 20))}.`,
    )
}

/** Whether a file can hold rows: of a format that is read, and neither hidden nor a dataset's own bookkeeping. */
function isData(path: string): boolean {
  const segments = path.split('/')
  const name = segments.at(-1) ?? ''
  if (segments.some((segment) => /^[._]/.test(segment))) return false
  return (
    formatOfName(name).type !== undefined &&
    !/^(?:dataset_infos?|dataset_dict|state)\.json$/.test(name)
  )
}

function noData(place: DatasetPlace, paths: readonly string[]): RetortError {
  if (paths.some((path) => path.endsWith('.arrow')))
    return new RetortError(
      'parameter-invalid',
      `${place.name} holds Arrow files, as 'save_to_disk' of Python's datasets writes them, which cannot be read here; write it with 'to_parquet' instead.`,
    )
  return new RetortError(
    'file-missing',
    `${place.name} holds no Parquet, JSONL, JSON or CSV files${paths.length === 0 ? '' : `, but ${quoted(paths.slice(0, 5))}${paths.length > 5 ? ', …' : ''}`}.`,
  )
}

function checkFormats(files: readonly FoundFile[], place: DatasetPlace): readonly SourceFile[] {
  const readable = files.map((file) => toSourceFile(file, undefined))
  const other = readable.find(({ type }) => type === 'text')
  if (other !== undefined)
    throw new RetortError(
      'file-malformed',
      `File '${other.name}' of ${inSentence(place)} is neither Parquet, JSONL, JSON nor CSV, which alone are read as rows of a dataset.`,
    )
  return readable
}

function inSentence({ name }: DatasetPlace): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
