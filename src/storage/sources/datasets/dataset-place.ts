import type { FoundFile } from '../found-file.ts'

/** A folder that a dataset lies in, wherever it is. */
export interface DatasetPlace {
  /** As sentences name it. */
  readonly name: string
  /** The file at a path in it. */
  find(path: string): Promise<FoundFile | undefined>
  /** Every file in it and below, by its path in it, in order of paths. @throws RetortError where there are none */
  list(): Promise<ReadonlyMap<string, FoundFile>>
  /** A folder in it. */
  folder(path: string): DatasetPlace
}
