import type { ObjectInfo, Store } from '../store.ts'
import { objectName } from './journal-keys.ts'
import { listJournal, supersededFiles } from './list-journal.ts'

/**
 * Finds what of a journal stands in newer files, too: segments, and files all of whose segments are in larger ones.
 *
 * Spares what is younger than `olderThanMs`, or stands in a file that is, since somebody may be about to read it.
 */
export async function removableJournalObjects(
  store: Store,
  pipeline: string,
  olderThanMs: number,
  now: number,
): Promise<readonly ObjectInfo[]> {
  const { files, filed } = await listJournal(store, pipeline)
  const isOld = ({ modified }: ObjectInfo) => now - modified.getTime() > olderThanMs
  const oldFiles = files.filter(({ info }) => isOld(info))
  const held = new Set(oldFiles.flatMap(({ footer }) => footer.segments.map(({ name }) => name)))
  return [
    ...filed.filter((info) => isOld(info) && held.has(objectName(info.key))),
    ...supersededFiles(oldFiles).map(({ info }) => info),
  ]
}
