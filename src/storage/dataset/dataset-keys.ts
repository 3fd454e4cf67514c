/** Where the store keeps a dataset's version, without a slash at the end. */
export function datasetPrefix(name: string, version: string): string {
  return `datasets/${name}/${version}`
}

/** The folder of a leaf's parts. */
export function leafPrefix(name: string, version: string, leaf: string): string {
  return `${datasetPrefix(name, version)}/${leaf}`
}

/** The folder of the parts with rejected rows. */
export function rejectedPrefix(name: string, version: string): string {
  return `${datasetPrefix(name, version)}/rejected`
}

/** The object that makes a version visible. */
export function manifestKey(name: string, version: string): string {
  return `${datasetPrefix(name, version)}/dataset.json`
}

/** A version's card. */
export function cardKey(name: string, version: string): string {
  return `${datasetPrefix(name, version)}/README.md`
}

/** The pointer to a dataset's latest version. */
export function latestKey(name: string): string {
  return `datasets/${name}/latest`
}
