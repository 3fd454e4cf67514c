/** The split of a dataset that is pushed. */
export interface PushedSplit {
  readonly config: string
  readonly split: string
}

/** The folder of a config's files, as Python's `datasets` names it. */
export function configFolder(config: string): string {
  return config === 'default' ? 'data' : config
}

/** Where file number `index` of `count` lies. */
export function splitPath({ config, split }: PushedSplit, index: number, count: number): string {
  const [number, total] = [index, count].map((value) => String(value).padStart(5, '0'))
  return `${configFolder(config)}/${split}-${number}-of-${total}.parquet`
}

/** What a card calls all of them. */
export function splitPattern({ config, split }: PushedSplit): string {
  return `${configFolder(config)}/${split}-*`
}

/** Whether an earlier push wrote a file, also one by Python's `datasets`, which once put a hash behind. */
export function isSplitPath(path: string, { config, split }: PushedSplit): boolean {
  const start = `${configFolder(config)}/${split}-`
  return (
    path.startsWith(start) &&
    /^\d{5}-of-\d{5}(?:-[0-9a-f]+)?\.parquet$/.test(path.slice(start.length))
  )
}
