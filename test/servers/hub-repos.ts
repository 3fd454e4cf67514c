import { createHash, randomBytes } from 'node:crypto'

/** A file of a dataset as the server keeps it. */
export interface StoredFile {
  readonly bytes: Buffer
  /** Whether it is kept outside of git, as every Parquet file is. */
  readonly isLarge: boolean
}

/** A dataset and its commits; branches and tags name them. */
export interface StoredRepo {
  name: string
  isPrivate: boolean
  isGated: boolean
  readonly commits: Map<string, ReadonlyMap<string, StoredFile>>
  readonly revisions: Map<string, string>
}

/** An empty dataset. */
export function createStoredRepo(name: string): StoredRepo {
  const repo: StoredRepo = {
    name,
    isPrivate: false,
    isGated: false,
    commits: new Map(),
    revisions: new Map(),
  }
  commitFiles(repo, new Map([['.gitattributes', { bytes: Buffer.from('\n'), isLarge: false }]]))
  return repo
}

/** Makes a commit of these files alone, and moves a branch to it. */
export function commitFiles(
  repo: StoredRepo,
  files: ReadonlyMap<string, StoredFile>,
  branch = 'main',
): string {
  const sha = randomBytes(20).toString('hex')
  repo.commits.set(sha, new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1))))
  repo.revisions.set(branch, sha)
  return sha
}

/** The commit that a branch, a tag or a commit's own name names. */
export function commitOf(repo: StoredRepo, revision: string): string | undefined {
  const sha = repo.revisions.get(revision === 'HEAD' ? 'main' : revision) ?? revision
  return repo.commits.has(sha) ? sha : undefined
}

/** SHA-256 in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A file as a listing shows it. */
export function toEntry(path: string, { bytes, isLarge }: StoredFile): object {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(bytes)}\nsize ${bytes.length}\n`
  const inGit = isLarge ? Buffer.from(pointer) : bytes
  const oid = createHash('sha1').update(`blob ${inGit.length}\0`).update(inGit).digest('hex')
  return {
    type: 'file',
    oid,
    size: bytes.length,
    path,
    ...(isLarge
      ? {
          lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: pointer.length },
          xetHash: sha256(bytes),
        }
      : {}),
  }
}

/** What is directly in a folder, or also below it: files and folders, in order of their paths. */
export function entriesIn(
  files: ReadonlyMap<string, StoredFile>,
  folder: string,
  isRecursive: boolean,
): readonly object[] {
  const prefix = folder === '' ? '' : `${folder}/`
  const entries = new Map<string, object>()
  for (const [path, file] of files) {
    if (!path.startsWith(prefix)) continue
    const segments = path.slice(prefix.length).split('/')
    for (let depth = 1; depth < segments.length; depth++) {
      const path = prefix + segments.slice(0, depth).join('/')
      if (isRecursive || depth === 1)
        entries.set(path, { type: 'directory', oid: '', size: 0, path })
    }
    if (isRecursive || segments.length === 1) entries.set(path, toEntry(path, file))
  }
  return [...entries.values()]
}
