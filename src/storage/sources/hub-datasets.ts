/** A dataset of the Hugging Face Hub at one of its commits, which never changes. */
export interface HubCommit {
  readonly repo: string
  /** As it was asked for; `undefined` for the main branch. */
  readonly revision: string | undefined
  readonly sha: string
}

/** A file of a commit. */
export interface HubFile {
  /** Within the dataset. */
  readonly path: string
  readonly size: number
  /** SHA-256 of its bytes, or git's SHA-1 of a file that git itself keeps. */
  readonly hash: string
}

/**
 * The port to the datasets that `hf://` addresses name.
 *
 * Its errors are `RetortError`s: `key-missing` and `hub-denied` tell of the token, `store-unavailable` and
 * `rate-limited` are worth a retry.
 */
export interface HubDatasets {
  /** The commit that a revision names at this moment. @throws RetortError `dataset-missing` */
  commit(repo: string, revision?: string): Promise<HubCommit>
  /** The files in a folder and below, `''` for all. @throws RetortError `file-missing` */
  list(commit: HubCommit, folder: string): AsyncIterable<HubFile>
  find(commit: HubCommit, path: string): Promise<HubFile | undefined>
  /** A file's bytes. @throws RetortError `source-changed` where they are not those that were listed */
  read(commit: HubCommit, file: HubFile, signal: AbortSignal): AsyncIterable<Uint8Array>
}
