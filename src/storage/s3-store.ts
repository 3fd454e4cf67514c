import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'

import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

import { RetortError } from '../core/errors.ts'
import { createS3Client, type S3ClientOptions } from './s3-client.ts'
import { isAbsent, statusOf, toS3StoreError } from './s3-errors.ts'
import { checkKey, checkPrefix, isKey } from './store-key.ts'
import type { ObjectInfo, Store, VersionedObject } from './store.ts'

const partBytes = 8 * 1024 * 1024
/** Parts of one object in flight at once, each of which is held in memory. */
const partsAtOnce = 4
const conflictsBorne = 5
const resumptionsBorne = 3

/** Where in S3 a store is. */
export interface S3StoreOptions extends S3ClientOptions {
  readonly bucket: string
  /** What all keys of the store start with, without slashes around it; none by default. */
  readonly prefix?: string
}

/**
 * Makes a store of a bucket, which must be there. The server must honour `If-None-Match` and `If-Match` on writes.
 */
export async function createS3Store(options: S3StoreOptions): Promise<Store> {
  const { bucket, prefix = '', ...clientOptions } = options
  return new S3Store(await createS3Client(clientOptions), bucket, prefix)
}

class S3Store implements Store {
  readonly uri: string
  readonly #client: S3Client
  readonly #bucket: string
  readonly #prefix: string

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.uri = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
    this.#client = client
    this.#bucket = bucket
    this.#prefix = prefix === '' ? '' : `${prefix}/`
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.getVersioned(key))?.bytes
  }

  async getVersioned(key: string): Promise<VersionedObject | undefined> {
    return await this.#attempt(`read '${key}'`, async () => {
      const output = await this.#client.send(new GetObjectCommand(this.#locate(key)))
      return { bytes: await bytesOf(output), version: output.ETag ?? '' }
    })
  }

  async getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined> {
    if (to <= from) return (await this.head(key)) === undefined ? undefined : new Uint8Array()
    return await this.#attempt(`read '${key}'`, async () => {
      const range = { ...this.#locate(key), Range: `bytes=${from}-${to - 1}` }
      try {
        return await bytesOf(await this.#client.send(new GetObjectCommand(range)))
      } catch (error) {
        if (statusOf(error) === 416) return new Uint8Array()
        throw error
      }
    })
  }

  async read(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const output = await this.#attempt(`read '${key}'`, () =>
      this.#client.send(new GetObjectCommand(this.#locate(key))),
    )
    return output === undefined ? undefined : this.#readOn(key, output)
  }

  /** Goes on where a connection broke, such as one that a slow reader left idle for too long. */
  async *#readOn(key: string, first: GetObjectCommandOutput): AsyncGenerator<Uint8Array> {
    const { ContentLength: size = Infinity, ETag: version } = first
    let position = 0
    let failures = 0
    for (let output = first; ;) {
      try {
        for await (const piece of piecesOf(output)) {
          position += piece.length
          failures = 0
          yield piece
        }
        return
      } catch (error) {
        if (position >= size) return
        failures += 1
        if (failures > resumptionsBorne) throw toS3StoreError(error, this.uri, `read '${key}'`)
      }
      const rest = { ...this.#locate(key), Range: `bytes=${position}-`, IfMatch: version }
      const next = await this.#attempt(`read '${key}'`, () =>
        this.#client.send(new GetObjectCommand(rest)),
      )
      if (next === undefined)
        throw new RetortError(
          'store-unavailable',
          `Object '${key}' of store '${this.uri}' was removed while it was read.`,
        )
      output = next
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return await this.#attempt(`read '${key}'`, async () => {
      const output = await this.#client.send(new HeadObjectCommand(this.#locate(key)))
      return {
        key,
        size: output.ContentLength ?? 0,
        modified: output.LastModified ?? new Date(0),
      }
    })
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return (await this.#putIf(key, bytes, { IfNoneMatch: '*' })) !== undefined
  }

  async writeIfAbsent(key: string, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
    if ((await this.head(key)) !== undefined) return false
    const written = await this.#attempt(`write '${key}'`, () =>
      this.#sendIf(key, async (writer) => {
        const upload = new Upload({
          client: this.#client,
          partSize: partBytes,
          queueSize: partsAtOnce,
          params: {
            ...this.#locate(key),
            ...signedBy(writer),
            IfNoneMatch: '*',
            Body: Readable.from(pieces, { objectMode: false }),
          },
        })
        return (await upload.done()).ETag ?? ''
      }),
    )
    return written !== undefined
  }

  async compareAndSet(
    key: string,
    bytes: Uint8Array,
    expected: string | undefined,
  ): Promise<string | undefined> {
    const condition = expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected }
    return await this.#putIf(key, bytes, condition)
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#attempt(`write '${key}'`, () =>
      sendPastConflicts(this.#client, { ...this.#locate(key), Body: bytes }),
    )
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix)
    const request = { Bucket: this.#bucket, Prefix: `${this.#prefix}${prefix}` }
    for (let token: string | undefined; ;) {
      const page = await this.#attempt(`list '${prefix}'`, () =>
        this.#client.send(new ListObjectsV2Command({ ...request, ContinuationToken: token })),
      )
      for (const { Key, Size = 0, LastModified = new Date(0) } of page?.Contents ?? []) {
        const key = Key?.slice(this.#prefix.length) ?? ''
        if (isKey(key)) yield { key, size: Size, modified: LastModified }
      }
      token = page?.NextContinuationToken
      if (token === undefined) return
    }
  }

  async delete(key: string): Promise<void> {
    await this.#attempt(`delete '${key}'`, () =>
      this.#client.send(new DeleteObjectCommand(this.#locate(key))),
    )
  }

  close(): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }

  #locate(key: string): { readonly Bucket: string; readonly Key: string } {
    checkKey(key)
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` }
  }

  /** Does a request; `undefined` where the object is not there. */
  async #attempt<T>(attempt: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw toS3StoreError(error, this.uri, attempt)
    }
  }

  async #putIf(
    key: string,
    bytes: Uint8Array,
    condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
  ): Promise<string | undefined> {
    return await this.#attempt(`write '${key}'`, () =>
      this.#sendIf(key, async (writer) => {
        const input = { ...this.#locate(key), ...signedBy(writer), ...condition, Body: bytes }
        return (await sendPastConflicts(this.#client, input)).ETag ?? ''
      }),
    )
  }

  /**
   * Sends a conditional write and returns the version it made; `undefined` where the condition did not hold.
   *
   * A write whose answer got lost is sent again by the client and then refused because of itself: the writer's mark
   * on the object tells.
   */
  async #sendIf(
    key: string,
    send: (writer: string) => Promise<string>,
  ): Promise<string | undefined> {
    const writer = randomUUID()
    try {
      return await send(writer)
    } catch (error) {
      const isDone = error instanceof Error && error.name === 'NoSuchUpload'
      if (statusOf(error) !== 412 && !isDone) throw error
      const output = await this.#attempt(`read '${key}'`, () =>
        this.#client.send(new HeadObjectCommand(this.#locate(key))),
      )
      if (output === undefined && isDone) throw error
      return output?.Metadata?.['writer'] === writer ? (output.ETag ?? '') : undefined
    }
  }
}

/** Repeats a write that the server refused only because another one to the same key, or folder, was under way. */
async function sendPastConflicts(
  client: S3Client,
  input: PutObjectCommandInput,
): Promise<PutObjectCommandOutput> {
  for (let left = conflictsBorne; ; left -= 1)
    try {
      return await client.send(new PutObjectCommand(input))
    } catch (error) {
      if (statusOf(error) !== 409 || left === 0) throw error
    }
}

function signedBy(writer: string): { readonly Metadata: Record<string, string> } {
  return { Metadata: { writer } }
}

async function bytesOf(output: GetObjectCommandOutput): Promise<Uint8Array> {
  return (await output.Body?.transformToByteArray()) ?? new Uint8Array()
}

function piecesOf(output: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  if (output.Body instanceof Readable) return output.Body
  throw new RetortError('internal', 'The S3 client answered with something that is no stream.')
}
