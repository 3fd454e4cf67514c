import type { FoundFile } from '../found-file.ts'

/** Files in order of their paths. */
export function byPath(
  files: readonly (readonly [string, FoundFile])[],
): ReadonlyMap<string, FoundFile> {
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
