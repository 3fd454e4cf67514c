import { defaultConfig } from './dataset-config.ts'
import type { DatasetConfig, DatasetSplit } from './dataset-config.ts'

/** Words that files and folders are named after, by the split that they stand for. */
const words: ReadonlyMap<string, string> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
  ['eval', 'test'],
  ['evaluation', 'test'],
])

/** What one of several files of a split is called, `train-00000-of-00002` and, as some write it, with a hash behind. */
const numbered = /^(.+?)-\d{5}-of-\d{5,}(?:-[0-9a-f]+)?$/
/** Names that say no more than that a file is one of several. */
const partNames = ['part', 'shard', 'chunk', 'data', 'file']

/** The split that a name stands for: `dev` is `validation`; any other is a split of its own. */
export function splitNamed(name: string): string {
  return words.get(name.toLowerCase()) ?? name
}

/**
 * Finds configs and splits in the names of files: `train.jsonl`, `data/train-00000-of-00002.parquet`, `train/…`,
 * `<config>/train-…`. Where no name tells a split, all files are `train`.
 */
export function configsByName(paths: readonly string[]): readonly DatasetConfig[] {
  const configs = new Map<string, Map<string, string[]>>()
  for (const path of paths) {
    const place = placeOf(path)
    if (place === undefined) continue
    const splits = configs.get(place.config) ?? new Map<string, string[]>()
    configs.set(place.config, splits)
    splits.set(place.split, [...(splits.get(place.split) ?? []), path])
  }
  if (configs.size === 0 && paths.length > 0)
    configs.set(defaultConfig, new Map([['train', [...paths]]]))
  return [...configs].map(([name, splits]) => ({
    name,
    isDefault: name === defaultConfig,
    splits: new Map([...splits].map(([split, found]) => [split, { paths: found }])),
  }))
}

/** The splits in the names of files, whatever folders those are in. */
export function splitsByName(paths: readonly string[]): ReadonlyMap<string, DatasetSplit> {
  const splits = new Map<string, string[]>()
  for (const config of configsByName(paths))
    for (const [name, { paths: found }] of config.splits)
      splits.set(name, [...(splits.get(name) ?? []), ...found])
  return new Map([...splits].map(([name, found]) => [name, { paths: found }]))
}

function placeOf(path: string): { readonly config: string; readonly split: string } | undefined {
  const folders = path.split('/')
  const stem = (folders.pop() ?? '').replace(/(?:\.(?:gz|zst))?$/, '').replace(/\.[^.]+$/, '')
  const before = numbered.exec(stem)?.[1]
  const whole = words.get((before ?? stem).toLowerCase())
  if (whole !== undefined) return { config: configOf(folders), split: whole }
  const folder = folders.findLastIndex((name) => words.has(name.toLowerCase()))
  if (folder >= 0)
    return {
      config: configOf(folders.toSpliced(folder, 1)),
      split: splitNamed(folders[folder] ?? ''),
    }
  if (before !== undefined && !partNames.includes(before.toLowerCase()))
    return { config: configOf(folders), split: before }
  const inName = wordIn(stem)
  if (inName !== undefined) return { config: configOf(folders), split: inName }
  const partial = folders.findLastIndex((name) => wordIn(name) !== undefined)
  if (partial < 0) return undefined
  const split = wordIn(folders[partial] ?? '') ?? ''
  return { config: configOf(folders.toSpliced(partial, 1)), split }
}

/** A word for a split among those of a name such as `my_train_1`. */
function wordIn(name: string): string | undefined {
  const found = name
    .toLowerCase()
    .split(/[-._ \d]+/)
    .find((word) => words.has(word))
  return found === undefined ? undefined : words.get(found)
}

function configOf(folders: readonly string[]): string {
  const named = folders.filter((name) => name !== 'data')
  return named.length === 0 ? defaultConfig : named.join('/')
}
