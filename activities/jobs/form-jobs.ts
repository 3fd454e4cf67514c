import { createHash } from 'node:crypto'

import type { BatchJobs } from '../../src/core/batch-jobs.ts'
import type { Price } from '../../src/core/price.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Intents, Intent, InputLine } from './intents.ts'
import { readParts } from './request-parts.ts'
import type { RequestPart } from './request-parts.ts'

/** What forming jobs needs. */
export interface FormingJobs {
  readonly store: Store
  readonly intents: Intents
  readonly run: string
  readonly step: string
  readonly model: string
  /** What the model's tokens cost as a job; `null` where it is not known. */
  readonly price: Price | null
  /** The provider's limits; `undefined` where no job of this run's own is to be made. */
  readonly limits: Pick<BatchJobs, 'mostRequests' | 'mostBytes'> | undefined
}

/** Requests that become one job. */
interface Group {
  readonly hashes: string[]
  bytes: number
  inputTokens: number
  outputTokens: number
}

/**
 * Divides what was found among as few jobs as the provider's limits allow, and stores an intent for each.
 *
 * What is in a job of another run already is waited for; what was in one that has ended without an answer is left to be
 * asked online.
 *
 * @returns the ids of the intents to wait for
 */
export async function formJobs(
  parts: readonly RequestPart[],
  forming: FormingJobs,
): Promise<readonly string[]> {
  const { store, intents, run, limits } = forming
  const { going, asked } = await askedBefore(intents)
  const awaited = new Set<string>()
  const groups: Group[] = []
  const seen = new Set<string>()
  const isNew = ({ hash }: InputLine) => !asked.has(hash) && !going.has(hash) && !seen.has(hash)
  for await (const line of readParts(store, parts)) {
    const other = going.get(line.hash)
    if (other !== undefined) awaited.add(other)
    if (limits === undefined || !isNew(line)) continue
    seen.add(line.hash)
    addTo(groups, line, limits)
  }
  seen.clear()
  const lines = filter(readParts(store, parts), (line) => {
    const isOwn = isNew(line)
    seen.add(line.hash)
    return isOwn
  })
  for (const group of groups) {
    const intent = toIntent(group, forming)
    await intents.wait(intent.id, run)
    const own = new Taken(lines, group.hashes.length)
    await intents.create(intent, group.hashes, own.items())
    await own.drain()
    awaited.add(intent.id)
  }
  for (const id of awaited) await intents.wait(id, run)
  for (const { key } of parts) await store.delete(key)
  return [...awaited]
}

/** What jobs ask that are under way, with which, and what those asked that have ended. */
async function askedBefore(intents: Intents): Promise<{
  readonly going: ReadonlyMap<string, string>
  readonly asked: ReadonlySet<string>
}> {
  const going = new Map<string, string>()
  const asked = new Set<string>()
  for (const { id, hasEnded } of await intents.list())
    for (const hash of await intents.hashes(id))
      if (hasEnded) asked.add(hash)
      else going.set(hash, id)
  return { going, asked }
}

function addTo(
  groups: Group[],
  { hash, text, worst }: InputLine,
  { mostRequests, mostBytes }: NonNullable<FormingJobs['limits']>,
): void {
  const bytes = Buffer.byteLength(text) + 1
  let group = groups.at(-1)
  if (
    group === undefined ||
    group.hashes.length === mostRequests ||
    group.bytes + bytes > mostBytes
  ) {
    group = {
      hashes: [],
      bytes: 0,
      inputTokens: 0,
      outputTokens: 0,
    }
    groups.push(group)
  }
  group.hashes.push(hash)
  group.bytes += bytes
  group.inputTokens += worst.inputTokens
  group.outputTokens += worst.outputTokens
}

function toIntent(
  { hashes, inputTokens, outputTokens }: Group,
  { run, step, model, price }: FormingJobs,
): Intent {
  return {
    version: 1,
    id: createHash('sha256').update(hashes.join('\n')).digest('hex').slice(0, 40),
    run,
    step,
    model,
    requests: hashes.length,
    price,
    worst: { inputTokens, outputTokens },
  }
}

async function* filter<Item>(
  items: AsyncIterable<Item>,
  isWanted: (item: Item) => boolean,
): AsyncGenerator<Item> {
  for await (const item of items) if (isWanted(item)) yield item
}

/** The next so many items, leaving the rest for who comes after. */
class Taken<Item> {
  readonly #items: AsyncIterator<Item>
  #left: number

  constructor(items: AsyncIterator<Item>, count: number) {
    this.#items = items
    this.#left = count
  }

  async *items(): AsyncGenerator<Item> {
    for (let item = await this.#next(); item !== undefined; item = await this.#next()) yield item
  }

  /** Passes over those that nobody took. */
  async drain(): Promise<void> {
    while ((await this.#next()) !== undefined);
  }

  async #next(): Promise<Item | undefined> {
    if (this.#left === 0) return undefined
    this.#left -= 1
    const next = await this.#items.next()
    return next.done === true ? undefined : next.value
  }
}
