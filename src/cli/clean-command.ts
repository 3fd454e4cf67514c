import { cleanStore, planCleaning, removalReasons } from '../client/clean-store.ts'
import type { Removal, RemovalKind } from '../client/clean-store.ts'
import { openPlace } from '../local/open-place.ts'
import { commandName } from './command-name.ts'
import { openStoreToRead } from './open-store-to-read.ts'
import { toCount } from './progress-text.ts'
import { exitCodes } from './report-error.ts'
import { writeJson, writeOut } from './stdout.ts'
import { bold, openTerminal } from './terminal.ts'

/** Options of `retort clean`. */
export interface CleanOptions {
  /** Days. */
  readonly olderThan: number
  readonly yes?: true
  readonly store?: string
  readonly json?: true
}

const dayMilliseconds = 86_400_000
const toldEvery = 100

/** Removes what no run and no dataset needs, or says what that is. */
export async function cleanCommand(options: CleanOptions): Promise<number> {
  const { olderThan, store, json } = options
  const isToRemove = options.yes === true
  await openStoreToRead(store)
  const terminal = openTerminal({ isQuiet: json === true })
  const place = await openPlace({ store, onNotice: (line) => terminal.note(line) })
  const removals = await planCleaning(place, { olderThan: olderThan * dayMilliseconds })
  if (isToRemove)
    await cleanStore(place.store, removals, (removed) => {
      if (terminal.isLive && removed % toldEvery === 0)
        terminal.status(`${toCount(removed)} of ${toCount(removals.length)} objects removed`)
    })
  terminal.clear()
  await place.close()
  const kinds = sumUp(removals)
  if (json === true) await writeJson({ removed: isToRemove, kinds })
  else await writeOut(toText(kinds, isToRemove))
  return exitCodes.completed
}

interface KindSum {
  readonly kind: RemovalKind
  readonly objects: number
  readonly bytes: number
  readonly reason: string
}

function sumUp(removals: readonly Removal[]): readonly KindSum[] {
  const kinds = Object.keys(removalReasons) as RemovalKind[]
  return kinds.flatMap((kind) => {
    const some = removals.filter((removal) => removal.kind === kind)
    const bytes = some.reduce((sum, removal) => sum + removal.bytes, 0)
    return some.length === 0
      ? []
      : [{ kind, objects: some.length, bytes, reason: removalReasons[kind] }]
  })
}

function toText(kinds: readonly KindSum[], isRemoved: boolean): string {
  if (kinds.length === 0) return 'There is nothing to remove.\n'
  const lines = kinds.map(
    ({ kind, objects, bytes, reason }) =>
      `${bold(kind.padEnd(8), process.stdout)}  ${objectsText(objects)}, ${toBytes(bytes)}: ${reason}\n`,
  )
  const total = objectsText(kinds.reduce((sum, { objects }) => sum + objects, 0))
  const bytes = toBytes(kinds.reduce((sum, kind) => sum + kind.bytes, 0))
  const end = isRemoved
    ? `Removed ${total}, ${bytes}.`
    : `Nothing was removed yet; \`${commandName()} clean --yes\` removes ${total}, ${bytes}.`
  return `${lines.join('')}${end}\n`
}

function objectsText(objects: number): string {
  return `${toCount(objects)} object${objects === 1 ? '' : 's'}`
}

function toBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const value = bytes / 1_000 ** power
  return `${power === 0 || value >= 100 ? toCount(value) : value.toFixed(1)} ${units[power]}`
}
