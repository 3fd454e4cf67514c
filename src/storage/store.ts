/** What a listing tells of an object. */
export interface ObjectInfo {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly modified: Date
}

/** An object's bytes and the version that {@link Store.compareAndSet} compares. */
export interface VersionedObject {
  readonly bytes: Uint8Array
  readonly version: string
}

/**
 * Where everything that a run keeps is stored: a folder or a bucket with a prefix.
 *
 * Keys are relative paths of `[A-Za-z0-9._=:-]+` segments joined by `/`, of which the first does not start with a dot.
 * No key is ever a prefix folder of another.
 * A missing object is `undefined`, never an error. Errors are `RetortError`s: `store-unavailable` is worth a retry,
 * `store-full`, `store-denied`, `store-read-only`, `store-unreachable` and `bucket-missing` are not.
 */
export interface Store {
  /** The store as the user writes it: `file:/abs/path` or `s3://bucket/prefix`. */
  readonly uri: string
  get(key: string): Promise<Uint8Array | undefined>
  getVersioned(key: string): Promise<VersionedObject | undefined>
  /** Bytes from `from` up to, not including, `to`; fewer where the object ends before. */
  getRange(key: string, from: number, to: number): Promise<Uint8Array | undefined>
  /** The object's bytes piece by piece, for objects that do not fit into memory. */
  read(key: string): Promise<AsyncIterable<Uint8Array> | undefined>
  head(key: string): Promise<ObjectInfo | undefined>
  /** Writes an object unless one is there; durable when it returns. False where one was there already. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /** As {@link putIfAbsent}, for content that comes in pieces and may be large. */
  writeIfAbsent(key: string, pieces: AsyncIterable<Uint8Array>): Promise<boolean>
  /**
   * Replaces an object whose version is `expected` (`undefined`: that is not there).
   * Returns the new version, or `undefined` where another version stood there. Equal bytes may have equal versions, so
   * content that must not be taken for an earlier one holds something that differs.
   */
  compareAndSet(
    key: string,
    bytes: Uint8Array,
    expected: string | undefined,
  ): Promise<string | undefined>
  /**
   * Replaces an object whatever stood there; a power failure may lose it, even leave it empty.
   * Only for what its sole writer renews, such as a sign of life.
   */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Every object whose key starts with `prefix`, in order of keys. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Removes an object; nothing happens where there is none. */
  delete(key: string): Promise<void>
  /** The file that holds an object, in a store whose objects are local files. Nobody may write to it. */
  localPath?(key: string): string
  close?(): Promise<void>
}
