/** An object that a listing shows. */
export interface BucketObject {
  readonly key: string
  readonly size: number
  readonly etag: string
}

/** The port to the buckets that `s3://` addresses name. */
export interface Buckets {
  /** Objects whose key starts with `prefix`, in order of keys. @throws RetortError `bucket-missing`, `store-denied` */
  list(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<BucketObject>
  /** An object's bytes. @throws RetortError `source-changed` where its etag is another */
  read(bucket: string, key: string, etag: string, signal: AbortSignal): AsyncIterable<Uint8Array>
}
