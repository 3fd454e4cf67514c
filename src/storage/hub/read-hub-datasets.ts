import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'

import type { ListFileEntry, PathInfo } from '@huggingface/hub'

import { RetortError } from '../../core/errors.ts'
import type { HubCommit, HubDatasets, HubFile } from '../sources/hub-datasets.ts'
import { toHubError } from './hub-errors.ts'
import type { HubAttempt } from './hub-errors.ts'
import { isReply } from './hub-reply-error.ts'
import type { Hub } from './open-hub.ts'

/** Reads datasets through the Hub's library. */
export function readHubDatasets({ library, settings, fetch, access }: Hub): HubDatasets {
  const told = (error: unknown, attempt: HubAttempt) => toHubError(error, attempt, settings)
  return {
    async commit(repo, revision) {
      try {
        const { name, sha } = await library.datasetInfo({
          ...access,
          name: repo,
          revision: revision ?? 'main',
          additionalFields: ['sha'],
        })
        // A dataset that was renamed answers under its new name.
        return { repo: name, revision, sha }
      } catch (error) {
        throw told(error, { repo, revision, what: 'look up the files of' })
      }
    },
    async *list({ repo, revision, sha }, folder) {
      try {
        const entries = library.listFiles({
          ...access,
          repo: `datasets/${repo}`,
          revision: sha,
          recursive: true,
          ...(folder === '' ? {} : { path: encodePath(folder) }),
        })
        for await (const entry of entries) if (entry.type === 'file') yield toHubFile(entry)
      } catch (error) {
        throw told(error, { repo, revision, path: folder, what: 'list the files of' })
      }
    },
    async find({ repo, revision, sha }, path) {
      try {
        const [found] = await library.pathsInfo({
          ...access,
          repo: `datasets/${repo}`,
          revision: sha,
          paths: [path],
        })
        return found?.type === 'file' ? toHubFile(found) : undefined
      } catch (error) {
        throw told(error, { repo, revision, path, what: 'look up a file of' })
      }
    },
    async *read(commit, file, signal) {
      const { repo, revision } = commit
      const { endpoint, token } = settings
      const hash = startHash(file)
      let bytes = 0
      try {
        // The library's own Blob does not say why a read failed, and cannot be ended.
        const { body } = await fetch(
          `${endpoint}/datasets/${repo}/resolve/${commit.sha}/${encodePath(file.path)}`,
          { signal, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
        )
        for await (const piece of body ?? []) {
          hash.update(piece)
          bytes += piece.length
          yield piece
        }
      } catch (error) {
        if (signal.aborted) throw error
        if (isReply(error) && (error.status === 404 || error.status === 410))
          throw changed(commit, file, error)
        throw told(error, { repo, revision, path: file.path, what: `read '${file.path}' of` })
      }
      if (bytes !== file.size || hash.digest('hex') !== file.hash) throw changed(commit, file)
    },
  }
}

/** A path as an address has it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function toHubFile({ path, size, oid = '', lfs }: ListFileEntry | PathInfo): HubFile {
  return { path, size: lfs?.size ?? size, hash: lfs?.oid ?? oid }
}

/** What makes the hash that the listing shows: git puts a header before the bytes of what it keeps itself. */
function startHash({ size, hash }: HubFile): Hash {
  return hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
}

function changed({ repo, sha }: HubCommit, { path }: HubFile, cause?: unknown): RetortError {
  return new RetortError(
    'source-changed',
    `File 'hf://datasets/${repo}/${path}' is no longer what commit ${sha.slice(0, 7)} held when the run was planned; start again when nothing rewrites the dataset's history.`,
    { cause },
  )
}
