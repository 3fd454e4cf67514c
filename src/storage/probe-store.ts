import { randomUUID } from 'node:crypto'

import { messageOf } from '../core/errors.ts'
import type { Store } from './store.ts'

const rivals = 8

/** One thing that a run needs of a store, and whether it is so. */
export interface Probe {
  readonly name: string
  readonly ok: boolean
  /** What was found, in one sentence. */
  readonly message: string
}

type Check = (store: Store, key: string) => Promise<string | undefined>

/** Each returns what is wrong, if anything is. */
const checks: Readonly<Record<string, { readonly check: Check; readonly holds: string }>> = {
  'write and read': {
    check: checkReadBack,
    holds: 'What was written is read back.',
  },
  'put if absent': {
    check: checkPutIfAbsent,
    holds: 'Of several writers that create one object at once, one succeeds.',
  },
  'compare and set': {
    check: checkCompareAndSet,
    holds: 'Of several writers that replace one version at once, one succeeds.',
  },
  'range read': {
    check: checkRange,
    holds: 'A part of an object is read by itself.',
  },
  listing: {
    check: checkListing,
    holds: 'Objects are listed as soon as they are written, in order of keys.',
  },
}

/** Finds out whether a store does what runs rely on; writes a few small objects and removes them again. */
export async function probeStore(store: Store): Promise<readonly Probe[]> {
  const folder = `probes/${randomUUID()}`
  const probes: Probe[] = []
  for (const [name, { check, holds }] of Object.entries(checks)) {
    const problem = await check(store, `${folder}/${name.replaceAll(' ', '-')}`).catch(messageOf)
    probes.push({ name, ok: problem === undefined, message: problem ?? holds })
  }
  await removeAll(store, `${folder}/`).catch(() => undefined)
  return probes
}

async function checkReadBack(store: Store, key: string): Promise<string | undefined> {
  await store.put(key, bytesOf('first'))
  await store.put(key, bytesOf('second'))
  const read = textOf(await store.get(key))
  return read === 'second' ? undefined : `After writing 'second' over 'first', '${read}' was read.`
}

async function checkPutIfAbsent(store: Store, key: string): Promise<string | undefined> {
  const won = await race((rival) => store.putIfAbsent(key, bytesOf(rival)))
  return await checkWinner(store, key, won, 'create', 'If-None-Match')
}

async function checkCompareAndSet(store: Store, key: string): Promise<string | undefined> {
  const version = await store.compareAndSet(key, bytesOf('start'), undefined)
  if (version === undefined) return 'An object that was not there could not be created.'
  const won = await race(
    async (rival) => (await store.compareAndSet(key, bytesOf(rival), version)) !== undefined,
  )
  return await checkWinner(store, key, won, 'replace', 'If-Match')
}

async function checkRange(store: Store, key: string): Promise<string | undefined> {
  await store.put(key, bytesOf('0123456789'))
  const read = textOf(await store.getRange(key, 3, 6))
  return read === '345' ? undefined : `Instead of the bytes '345', '${read}' was read.`
}

async function checkListing(store: Store, key: string): Promise<string | undefined> {
  const written = ['/a', '/a-b', '/a.b', '/a0', '/b/c'].map((end) => `${key}${end}`).toSorted()
  for (const each of written) await store.put(each, bytesOf(each))
  const listed: string[] = []
  for await (const object of store.list(`${key}/`)) listed.push(object.key)
  if (listed.join() === written.join()) return undefined
  return `Of the objects ${written.join(', ')} these were listed: ${listed.join(', ')}.`
}

async function race(attempt: (rival: string) => Promise<boolean>): Promise<string[]> {
  const names = Array.from({ length: rivals }, (_, index) => `rival ${index}`)
  const results = await Promise.all(names.map(attempt))
  return names.filter((_, index) => results[index])
}

async function checkWinner(
  store: Store,
  key: string,
  won: readonly string[],
  verb: string,
  header: string,
): Promise<string | undefined> {
  if (won.length !== 1)
    return `Of ${rivals} writers that ${verb} one object at once ${won.length} succeeded: this store does not honour ${header}, and runs would lose rows.`
  const read = textOf(await store.get(key))
  return read === won[0] ? undefined : `'${won[0]}' was told that it succeeded, '${read}' was read.`
}

async function removeAll(store: Store, prefix: string): Promise<void> {
  for await (const { key } of store.list(prefix)) await store.delete(key)
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'nothing' : new TextDecoder().decode(bytes)
}
