import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { CommitOperation } from '@huggingface/hub'

import type { DatasetPush, PushedDataset } from '../../core/dataset-hub.ts'
import { RetortError } from '../../core/errors.ts'
import { toStorageError } from '../parquet/storage-error.ts'
import type { HubCommit, HubFile } from '../sources/hub-datasets.ts'
import { readWhole } from '../sources/read-whole.ts'
import { isAbsentReply, toHubError } from './hub-errors.ts'
import { isReply } from './hub-reply-error.ts'
import type { Hub } from './open-hub.ts'
import { cardWithSplit } from './push-card.ts'
import { readHubDatasets } from './read-hub-datasets.ts'
import { isSplitPath, splitPath } from './split-paths.ts'
import type { PushedSplit } from './split-paths.ts'
import { writeSplit } from './write-split.ts'
import type { SplitFile, SplitLimits } from './write-split.ts'

const branch = 'main'
const cardPath = 'README.md'

/** Makes rows a split of a dataset, by one commit that holds its Parquet files and takes out the earlier ones. */
export async function pushDataset(
  hub: Hub,
  push: DatasetPush,
  limits: SplitLimits,
): Promise<PushedDataset> {
  const { repoId, signal } = push
  const split: PushedSplit = { config: push.config ?? 'default', split: push.split ?? 'train' }
  checkNames(repoId, split)
  if (hub.settings.token === undefined)
    throw new RetortError(
      'key-missing',
      `Pushing to dataset '${repoId}' at ${hub.settings.endpoint} takes a token that may write; set HF_TOKEN.`,
    )
  await makeDataset(hub, push)
  const folder = await mkdtemp(join(tmpdir(), 'retort-push-'))
  try {
    const files = await writeSplit(push, folder, limits).catch((error: unknown) => {
      throw toStorageError(error, `The temporary folder '${folder}'`)
    })
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    const { head, operations } = await planCommit(hub, repoId, split, files)
    if (operations.length === 0)
      return {
        url: `${hub.settings.endpoint}/datasets/${head.repo}/commit/${head.sha}`,
        rows,
        hasChanged: false,
      }
    const url = await commit(hub, head, operations, `Put ${rows} rows into ${split.split}`, signal)
    return { url, rows, hasChanged: true }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Names become parts of paths. */
function checkNames(repoId: string, { config, split }: PushedSplit): void {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repoId))
    throw new RetortError(
      'parameter-invalid',
      `'${repoId}' is no name of a dataset to push to; name it owner/name.`,
    )
  if (!/^\w+(?:\.\w+)*$/.test(split))
    throw new RetortError(
      'parameter-invalid',
      `'${split}' is no name of a split; use letters, digits and '_'.`,
    )
  // The folder `data` is that of the config `default`.
  if (!/^\w[\w.-]*$/.test(config) || config === 'data')
    throw new RetortError(
      'parameter-invalid',
      `'${config}' is no name of a config; use letters, digits, '_', '-' and '.', and not 'data'.`,
    )
}

async function makeDataset({ library, access, settings }: Hub, push: DatasetPush): Promise<void> {
  const { repoId } = push
  try {
    await library.datasetInfo({ ...access, name: repoId })
    return
  } catch (error) {
    if (!isAbsentReply(error)) throw toHubError(error, { repo: repoId, what: 'look up' }, settings)
  }
  try {
    await library.createRepo({
      ...access,
      accessToken: access.accessToken ?? '',
      repo: `datasets/${repoId}`,
      visibility: push.private ? 'private' : 'public',
    })
  } catch (error) {
    // Somebody else made it meanwhile.
    if (isReply(error) && error.status === 409) return
    throw toHubError(error, { repo: repoId, what: 'create' }, settings)
  }
}

interface PlannedCommit {
  readonly head: HubCommit
  /** Empty where the dataset holds these files already. */
  readonly operations: readonly CommitOperation[]
}

async function planCommit(
  hub: Hub,
  repoId: string,
  split: PushedSplit,
  files: readonly SplitFile[],
): Promise<PlannedCommit> {
  const datasets = readHubDatasets(hub)
  const head = await datasets.commit(repoId, branch)
  const listed = new Map<string, HubFile>()
  for await (const file of datasets.list(head, '')) listed.set(file.path, file)
  const pushed = new Map(
    files.map((file, index) => [splitPath(split, index, files.length), file] as const),
  )
  const stale = [...listed.keys()].filter((path) => isSplitPath(path, split) && !pushed.has(path))
  const isThere = (path: string, file: SplitFile) => listed.get(path)?.hash === file.sha256
  const changed = [...pushed].filter(([path, file]) => !isThere(path, file))
  const cardFile = listed.get(cardPath)
  const card =
    cardFile === undefined
      ? undefined
      : await readWhole({ read: (signal) => datasets.read(head, cardFile, signal) })
  const before = card?.toString('utf8')
  const others = [...listed.keys()].filter((path) => !isSplitPath(path, split) && isRows(path))
  const hasChanged = changed.length > 0 || stale.length > 0
  const after = cardWithSplit(before, { ...split, repoId, others, hasChanged })
  return {
    head,
    operations: [
      ...changed.map(([path, { file }]) => ({
        operation: 'addOrUpdate' as const,
        path,
        // The library reads a file piece by piece where it is given its address.
        content: pathToFileURL(file),
      })),
      ...stale.map((path) => ({ operation: 'delete' as const, path })),
      ...(after === before
        ? []
        : [{ operation: 'addOrUpdate' as const, path: cardPath, content: new Blob([after]) }]),
    ],
  }
}

function isRows(path: string): boolean {
  return /\.(?:parquet|jsonl|json|csv)$/.test(path)
}

async function commit(
  { library, access, settings }: Hub,
  head: HubCommit,
  operations: readonly CommitOperation[],
  title: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const output = await library.commit({
      ...access,
      repo: `datasets/${head.repo}`,
      title,
      operations: [...operations],
      branch,
      // Of two pushes at once one fails, and finds out what the other did when it is tried again.
      parentCommit: head.sha,
      // Uploading by Xet holds hundreds of megabytes in memory.
      useXet: false,
      abortSignal: signal,
    })
    if (output !== undefined) return output.commit.url
  } catch (error) {
    signal.throwIfAborted()
    throw toHubError(error, { repo: head.repo, what: 'commit to' }, settings)
  }
  throw new RetortError('internal', `The Hub at ${settings.endpoint} named no commit.`)
}
