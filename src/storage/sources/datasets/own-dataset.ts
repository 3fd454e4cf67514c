import { RetortError } from '../../../core/errors.ts'
import type { ColumnSchemas } from '../../../core/step.ts'
import { datasetPrefix } from '../../dataset/dataset-keys.ts'
import type { DatasetManifest } from '../../dataset/dataset-manifest.ts'
import { chooseLeaf } from '../../dataset/open-dataset.ts'
import { parseLatest, parseManifest } from '../../dataset/read-manifest.ts'
import type { SourceFile } from '../../formats/source-file.ts'
import { toSourceFile } from '../find-source-files.ts'
import type { FoundFile } from '../found-file.ts'
import { readWhole } from '../read-whole.ts'
import type { DatasetPlace } from './dataset-place.ts'

/** A committed version of a dataset of ours, and where it lies. */
export interface OwnDataset {
  readonly place: DatasetPlace
  readonly manifest: DatasetManifest
}

/** The dataset of ours in a folder: the version that it is, or the one that its pointer `latest` names. */
export async function findOwnDataset(place: DatasetPlace): Promise<OwnDataset | undefined> {
  const own = await findManifest(place)
  if (own !== undefined) return own
  const pointer = await place.find('latest')
  if (pointer === undefined) return undefined
  const { version } = parseLatest(await readWhole(pointer), pointer.name)
  return await findManifest(place.folder(version))
}

/**
 * The parts of a leaf in the order of their rows.
 *
 * @throws RetortError `usage` for an unknown leaf, or none where there are several; `parameter-invalid` for a split
 */
export async function ownFiles(
  { place, manifest }: OwnDataset,
  config: string | undefined,
  split: string | undefined,
): Promise<readonly SourceFile[]> {
  const { name, version } = manifest
  if (split !== undefined && split !== 'train')
    throw new RetortError(
      'parameter-invalid',
      `Dataset '${name}' has no split '${split}'; its leaves are not split, so leave 'split' out.`,
    )
  const { parts, columns } = chooseLeaf(manifest, config)
  const files = await place.list()
  return parts.map(({ key }) => {
    const path = key.slice(datasetPrefix(name, version).length + 1)
    const file = files.get(path)
    if (file !== undefined) return toOwnFile(file, columns)
    throw new RetortError(
      'file-missing',
      `${place.name} lacks the part '${path}' that its dataset.json lists; copy the folder as a whole.`,
    )
  })
}

async function findManifest(place: DatasetPlace): Promise<OwnDataset | undefined> {
  const file = await place.find('dataset.json')
  if (file === undefined) return undefined
  return { place, manifest: parseManifest(await readWhole(file), file.name) }
}

function toOwnFile(found: FoundFile, writtenColumns: ColumnSchemas): SourceFile {
  return { ...toSourceFile(found, 'parquet'), compression: 'none', writtenColumns }
}
