import { isMap, isSeq, parseDocument } from 'yaml'
import type { Document, YAMLMap } from 'yaml'

import { RetortError } from '../../core/errors.ts'
import { frontMatter } from '../sources/datasets/card-configs.ts'
import { configsByName } from '../sources/datasets/split-names.ts'
import { splitPattern } from './split-paths.ts'
import type { PushedSplit } from './split-paths.ts'

/** What of a push its card is about. */
export interface CardPush extends PushedSplit {
  readonly repoId: string
  /** Paths of the dataset's files beside those of the split. */
  readonly others: readonly string[]
  /** Whether the split holds other rows than before. */
  readonly hasChanged: boolean
}

/**
 * The card of a dataset with a split that was pushed.
 *
 * It stays as it is where the split is found by it, else gets an entry more in its `configs`; a dataset without a card
 * gets one that says no more than that.
 *
 * @throws RetortError `file-malformed` where the card begins with YAML that cannot be read
 */
export function cardWithSplit(before: string | undefined, push: CardPush): string {
  const { config, repoId, hasChanged } = push
  const [matter = '', yaml = ''] = frontMatter.exec(before ?? '') ?? []
  const document = parseDocument(yaml, { uniqueKeys: false })
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new RetortError(
      'file-malformed',
      `Dataset '${repoId}' has a card (README.md) that begins with YAML that cannot be read; correct it there and push again.`,
      { cause: document.errors[0] },
    )
  // Without a block the names of the files tell the splits of the default config, and of no other.
  const isFoundByName =
    before !== undefined && config === 'default' && !isSeq(document.get('configs'))
  const isNew = isFoundByName ? false : addSplit(document, push)
  const isStale = hasChanged && dropInfo(document, config)
  if (before !== undefined && !isNew && !isStale) return before
  const text =
    before === undefined
      ? `\n# ${repoId.split('/').at(-1) ?? repoId}\n`
      : before.slice(matter.length)
  const isEmpty = isMap(document.contents) && document.contents.items.length === 0
  return isEmpty ? text : `---\n${document.toString({ lineWidth: 0 })}---\n${text}`
}

/** Adds a split to the `configs`; false where it stands there. */
function addSplit(document: Document, push: CardPush): boolean {
  const { config, split, others } = push
  const entry = { split, path: splitPattern(push) }
  if (!isSeq(document.get('configs')))
    document.set('configs', document.createNode(configsOf(others)))
  const configs = document.get('configs')
  if (!isSeq(configs)) return false
  const known = configs.items.find(
    (item): item is YAMLMap => isMap(item) && (item.get('config_name') ?? 'default') === config,
  )
  if (known === undefined) {
    configs.add(document.createNode({ config_name: config, data_files: [entry] }))
    return true
  }
  const { data_files: files } = known.toJSON() as { readonly data_files?: unknown }
  const listed = toEntries(files)
  const there = listed.find((one) => one.split === split)
  if (there !== undefined && [there.path].flat().join('\n') === entry.path) return false
  const entries =
    there === undefined
      ? [...listed, entry]
      : listed.map((one) => (one.split === split ? entry : one))
  known.set('data_files', document.createNode(entries))
  return true
}

/** The configs that the names of files make, as a card lists them. */
function configsOf(paths: readonly string[]): readonly object[] {
  return configsByName(paths).map(({ name, splits }) => ({
    config_name: name,
    data_files: [...splits].map(([split, { paths: found }]) => ({ split, path: found })),
  }))
}

interface CardFiles {
  readonly split: string
  readonly path: unknown
}

/** `data_files` as a list of splits: a path or a list of paths is the split `train`. */
function toEntries(files: unknown): readonly CardFiles[] {
  if (files === undefined || files === null) return []
  const list = [files].flat() as unknown[]
  const isSplits = list.every(
    (item) => typeof item === 'object' && item !== null && 'split' in item,
  )
  // Each has just been seen to be one.
  return isSplits ? (list as unknown as readonly CardFiles[]) : [{ split: 'train', path: files }]
}

/** Takes out the columns and counts that another tool noted of a config; false where there are none. */
function dropInfo(document: Document, config: string): boolean {
  const info = document.get('dataset_info')
  const isOf = (item: unknown) => isMap(item) && (item.get('config_name') ?? 'default') === config
  if (isOf(info)) return document.delete('dataset_info')
  if (!isSeq(info) || !info.items.some(isOf)) return false
  info.items = info.items.filter((item) => !isOf(item))
  return true
}
