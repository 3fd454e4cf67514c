import picomatch from 'picomatch'
import { parse } from 'yaml'

import { messageOf, RetortError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import { defaultConfig } from './dataset-config.ts'
import type { DatasetConfig, DatasetSplit } from './dataset-config.ts'
import { splitNamed, splitsByName } from './split-names.ts'

/** The YAML before the text of a card. */
export const frontMatter = /^\uFEFF?---\r?\n(?:([\s\S]*?)\r?\n)?---(?:\r?\n|$)/

/**
 * The configs that a dataset's card lists in its block `configs`, as the Hub reads it; `undefined` where it has none.
 *
 * @param whose - what sentences call the dataset
 * @param paths - of all of its files
 * @throws RetortError `file-malformed` where the block does not hold
 */
export function configsOfCard(
  card: string,
  whose: string,
  paths: readonly string[],
): readonly DatasetConfig[] | undefined {
  const yaml = frontMatter.exec(card)?.[1]
  if (yaml === undefined) return undefined
  const { configs } = parseYaml(yaml, whose)
  if (!Array.isArray(configs) || configs.length === 0) return undefined
  return configs.map((config: unknown) => {
    if (!isObject(config)) throw malformedCard(whose, 'lists a config that is no mapping')
    const name = typeof config['config_name'] === 'string' ? config['config_name'] : defaultConfig
    return {
      name,
      isDefault: config['default'] === true,
      splits: splitsOf(config, `config '${name}'`, whose, paths),
    }
  })
}

function parseYaml(yaml: string, whose: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(yaml, { uniqueKeys: false, logLevel: 'error' })
    return isObject(value) ? value : {}
  } catch (cause) {
    const [reason = ''] = messageOf(cause).split('\n', 1)
    throw malformedCard(
      whose,
      `begins with YAML that cannot be read: ${reason.replace(/:$/, '')}`,
      cause,
    )
  }
}

function splitsOf(
  config: Readonly<Record<string, unknown>>,
  which: string,
  whose: string,
  paths: readonly string[],
): ReadonlyMap<string, DatasetSplit> {
  const { data_files: files, data_dir: folder } = config
  const prefix = typeof folder === 'string' ? withSlash(plain(folder)) : ''
  if (files === undefined || files === null)
    return splitsByName(paths.filter((path) => path.startsWith(prefix)))
  const named = new Map<string, string[]>()
  for (const entry of [files].flat() as unknown[]) {
    const { split = 'train', path } = isObject(entry) ? entry : { path: entry }
    const patterns = [path].flat()
    if (typeof split !== 'string' || !patterns.every((one) => typeof one === 'string'))
      throw malformedCard(
        whose,
        `has 'data_files' of ${which} that are neither paths nor mappings with 'split' and 'path'`,
      )
    const before = named.get(split) ?? []
    named.set(split, [...before, ...patterns.map((pattern) => prefix + plain(pattern))])
  }
  return new Map(
    [...named].map(([split, patterns]) => [
      splitNamed(split),
      { paths: matching(patterns, paths), patterns },
    ]),
  )
}

/** The paths that patterns name, each once, in the order of the patterns. */
function matching(patterns: readonly string[], paths: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const pattern of patterns) {
    const matches = picomatch(pattern)
    for (const path of paths)
      if (path === pattern || path.startsWith(withSlash(pattern)) || matches(path)) found.add(path)
  }
  return [...found]
}

function plain(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '')
}

function withSlash(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`
}

function malformedCard(whose: string, what: string, cause?: unknown): RetortError {
  return new RetortError(
    'file-malformed',
    `${whose} has a card (README.md) that ${what}; correct it, or name the files with LoadDataFromFileSystem.`,
    { cause },
  )
}
