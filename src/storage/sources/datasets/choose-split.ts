import { RetortError } from '../../../core/errors.ts'
import { quoted } from '../../../core/names.ts'
import { defaultConfig } from './dataset-config.ts'
import type { DatasetConfig, DatasetSplit } from './dataset-config.ts'
import { splitNamed } from './split-names.ts'

const mostNames = 20

/**
 * The config of a name; without one the default, or the only one there is.
 *
 * @throws RetortError `parameter-invalid`, naming those there are
 */
export function chooseConfig(
  configs: readonly DatasetConfig[],
  name: string | undefined,
  whose: string,
): DatasetConfig {
  const chosen =
    name === undefined
      ? (configs.find(({ isDefault }) => isDefault) ??
        configs.find((config) => config.name === defaultConfig) ??
        (configs.length === 1 ? configs[0] : undefined))
      : configs.find((config) => config.name === name)
  if (chosen !== undefined) return chosen
  const there = listed(configs.map((config) => config.name))
  throw new RetortError(
    'parameter-invalid',
    name === undefined
      ? `${whose} has ${configs.length} configs; name one with 'config': ${there}.`
      : `${whose} has no config '${name}'. Configs there: ${there}.`,
    { data: { configs: configs.map((config) => config.name) } },
  )
}

/**
 * The split of a name; without one the only one there is.
 *
 * @throws RetortError `parameter-invalid`, naming those there are
 */
export function chooseSplit(
  config: DatasetConfig,
  name: string | undefined,
  whose: string,
): DatasetSplit {
  const { splits } = config
  const there = [...splits.keys()]
  const [only] = splits.values()
  const found =
    name === undefined
      ? splits.size === 1
        ? only
        : undefined
      : (splits.get(name) ?? splits.get(splitNamed(name)))
  if (found === undefined)
    throw new RetortError(
      'parameter-invalid',
      name === undefined
        ? `Config '${config.name}' of ${whose} has ${splits.size} splits; name one with 'split': ${listed(there)}.`
        : `Config '${config.name}' of ${whose} has no split '${name}'. Splits there: ${listed(there)}.`,
      { data: { splits: there } },
    )
  if (found.paths.length > 0) return found
  throw new RetortError(
    'file-missing',
    `The card of ${whose} says that split '${name ?? there[0]}' of config '${config.name}' is ${quoted(found.patterns ?? [])}, and no file there has such a name.`,
  )
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNames
  return quoted(names.slice(0, mostNames)) + (more > 0 ? ` and ${more} more` : '')
}
