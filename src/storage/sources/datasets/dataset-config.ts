/** Files of a dataset that have columns of their own, by the split that they belong to. */
export interface DatasetConfig {
  readonly name: string
  readonly isDefault: boolean
  readonly splits: ReadonlyMap<string, DatasetSplit>
}

/** The files of a split, in the order in which they are read. */
export interface DatasetSplit {
  /** Within the dataset. */
  readonly paths: readonly string[]
  /** How the dataset's card names them, where it does. */
  readonly patterns?: readonly string[]
}

/** What a config is called that has no name. */
export const defaultConfig = 'default'
