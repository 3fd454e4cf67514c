import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'

import { RetortError } from '../../core/errors.ts'
import { statusOf, toS3StoreError } from '../s3-errors.ts'
import type { Buckets } from './buckets.ts'

/** Reads buckets through a client, which stays the caller's to close. */
export function createS3Buckets(client: S3Client): Buckets {
  return {
    async *list(bucket, prefix) {
      try {
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })
        for await (const { Contents: objects } of pages)
          for (const { Key: key, Size: size, ETag: etag } of objects ?? [])
            if (key !== undefined && etag !== undefined) yield { key, size: size ?? 0, etag }
      } catch (error) {
        throw toS3StoreError(error, `s3://${bucket}`, `list '${prefix}'`)
      }
    },
    async *read(bucket, key, etag, signal) {
      try {
        const { Body: body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag }),
          { abortSignal: signal },
        )
        // Under Node the body is a readable stream of bytes.
        if (body !== undefined) yield* body as AsyncIterable<Uint8Array>
      } catch (error) {
        if (signal.aborted || !isChanged(error))
          throw toS3StoreError(error, `s3://${bucket}`, `read '${key}'`)
        throw new RetortError(
          'source-changed',
          `Object 's3://${bucket}/${key}' changed while the run was planned; start again when nothing writes to it.`,
          { cause: error },
        )
      }
    },
  }
}

/** Whether the object that was listed is another, or not there any longer. */
function isChanged(error: unknown): boolean {
  const status = statusOf(error)
  return status === 412 || status === 404
}
