import { journalFolder } from '../../src/storage/journal/journal.ts'
import { readLines } from '../../src/models/http/stream-lines.ts'
import type { Store } from '../../src/storage/store.ts'
import { parseInputLine, toInputLine } from './intents.ts'
import type { InputLine } from './intents.ts'

/** What was found of a shard, on its way into jobs. */
export interface RequestPart {
  readonly key: string
  readonly requests: number
}

/**
 * Stores what a step would ask about a shard, to be divided among jobs.
 *
 * @param name - of this attempt alone: what an earlier one stored may lack what it did not come to
 */
export async function writePart(
  store: Store,
  pipeline: string,
  name: string,
  lines: AsyncIterable<InputLine>,
): Promise<RequestPart> {
  const key = `${journalFolder(pipeline)}requests/${name}`
  let requests = 0
  const encoded = async function* () {
    for await (const line of lines) {
      requests += 1
      yield toInputLine(line)
    }
  }
  await store.writeIfAbsent(key, encoded())
  return { key, requests }
}

/** The lines of parts, in order. */
export async function* readParts(
  store: Store,
  parts: readonly RequestPart[],
): AsyncGenerator<InputLine> {
  for (const { key } of parts) {
    const pieces = await store.read(key)
    if (pieces === undefined) throw new TypeError(`'${key}' is not in the store.`)
    for await (const line of readLines(pieces)) yield parseInputLine(line)
  }
}
