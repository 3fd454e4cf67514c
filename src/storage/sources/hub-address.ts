import { RetortError } from '../../core/errors.ts'

/** What an `hf://` address names. */
export interface HubAddress {
  readonly repo: string
  readonly revision: string | undefined
  /** A path or glob within the dataset; empty for all of it. */
  readonly path: string
}

/** The Hub's own branches have a slash in their names. */
const pattern =
  /^hf:\/\/datasets\/([^/@]+\/[^/@]+)(?:@(refs\/(?:convert|pr)\/[^/]+|[^/]+))?(?:\/+(.*))?$/s

/** Reads `hf://datasets/owner/name@revision/path`. @throws RetortError `file-missing` where it is none */
export function parseHubAddress(address: string): HubAddress {
  const [, repo, revision, path = ''] = pattern.exec(address) ?? []
  if (repo === undefined)
    throw new RetortError(
      'file-missing',
      `'${address}' names no dataset of the Hugging Face Hub; an address is hf://datasets/owner/name/path.`,
    )
  return { repo, revision: revision?.replaceAll('%2F', '/'), path: path.replace(/\/+$/, '') }
}

/** Datasets that the Hub had before it had owners are named without one. */
const ownerless = /^hf:\/\/datasets\/([^/@]+)$/

/** Reads the address of a dataset as a whole, or of a folder in it. @throws RetortError `file-missing` */
export function parseHubDataset(address: string): HubAddress {
  const [, repo] = ownerless.exec(address) ?? []
  return repo === undefined ? parseHubAddress(address) : { repo, revision: undefined, path: '' }
}
