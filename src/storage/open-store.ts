import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { RetortError } from '../core/errors.ts'
import { createFileStore } from './file-store.ts'
import type { Store } from './store.ts'

const scheme = /^[a-z][a-z0-9+.-]+:/i
const s3Address = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/
const prefixPattern = /^[A-Za-z0-9._=:-]+(?:\/[A-Za-z0-9._=:-]+)*$/

/**
 * Opens a store by what a user writes for it: `file:folder`, a folder's path, or `s3://bucket/prefix`.
 *
 * Nothing is read or written; whether it is there, {@link checkStore} finds out. The AWS SDK is loaded only for S3.
 *
 * @throws RetortError `usage` where it is none of these
 */
export async function openStore(uri: string): Promise<Store> {
  if (uri.startsWith('s3:')) return await openS3Store(uri)
  if (uri.startsWith('file:')) return createFileStore(folderOf(uri))
  if (uri === '' || scheme.test(uri)) throw notAStore(uri)
  return createFileStore(pathOf(uri))
}

async function openS3Store(uri: string): Promise<Store> {
  const [, bucket, path = ''] = s3Address.exec(uri) ?? []
  const prefix = path.replace(/\/+$/, '')
  if (bucket === undefined || (prefix !== '' && !prefixPattern.test(prefix))) throw notAStore(uri)
  const { createS3Store } = await import('./s3-store.ts')
  return await createS3Store({ bucket, prefix })
}

function folderOf(uri: string): string {
  const path = uri.slice('file:'.length)
  if (path === '') throw notAStore(uri)
  if (!path.startsWith('//')) return pathOf(path)
  try {
    return fileURLToPath(uri)
  } catch {
    throw notAStore(uri)
  }
}

/** A shell leaves `~` alone where it does not start a word, as in `--store=~/data`. */
function pathOf(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path)
}

function notAStore(uri: string): RetortError {
  return new RetortError(
    'usage',
    `Store '${uri}' is neither a folder (file:path) nor a bucket (s3://bucket/prefix, of lower-case bucket names and [A-Za-z0-9._=:-]+ segments).`,
  )
}
