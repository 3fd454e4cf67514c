import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

import { RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { hasEnded, identityOf, type ProcessIdentity } from './process-identity.ts'

const renewalMs = 5_000
/** Silence after which a holder on another machine, whose pid says nothing here, counts as dead. */
const silenceMs = 30_000

/** How long to wait for a lock. */
export interface FileLockOptions {
  /** Milliseconds to wait for a holder that is alive; 30 s by default. */
  readonly patienceMs?: number
}

interface Holder extends ProcessIdentity {
  /** Differs for every time that a lock is taken. */
  readonly token: string
}

/**
 * Does work while no other process does work under the same lock file.
 *
 * The lock of a process that died is taken over at once. The folder must exist and support hard links.
 *
 * @throws RetortError `store-unavailable` when a living holder keeps it for longer than `patienceMs`
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  await acquire(path, Date.now() + (options.patienceMs ?? 30_000))
  const renewal = setInterval(() => void renew(path), renewalMs)
  renewal.unref()
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await rm(path, { force: true })
  }
}

async function acquire(path: string, deadline: number): Promise<void> {
  const token = randomUUID()
  const claim = `${path}.claim-${token}`
  await writeFile(claim, JSON.stringify({ ...identityOf(), token } satisfies Holder))
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      if (await isLinked(claim, path)) return
      const holder = await readHolder(path)
      if (holder === undefined) continue
      if ((await isDead(holder, path)) && (await takeOver(path, holder, claim, deadline))) return
      if (Date.now() > deadline)
        throw new RetortError(
          'store-unavailable',
          `Lock '${path}' is held by process ${holder.pid} on '${holder.host}', which does not give it back.`,
        )
      await wait(pause * (0.5 + Math.random()))
    }
  } finally {
    await rm(claim, { force: true })
  }
}

/**
 * Replaces the lock of a dead holder by a claim.
 *
 * Whoever replaces a holder's lock first takes a second lock that is named after that holder's token, and looks again.
 * Without it, two that saw the same dead holder could replace first it and then each other.
 */
async function takeOver(
  path: string,
  dead: Holder,
  claim: string,
  deadline: number,
): Promise<boolean> {
  const succession = `${path}.after-${dead.token}`
  await acquire(succession, deadline)
  try {
    if ((await readHolder(path))?.token !== dead.token) return false
    await rename(claim, path)
    return true
  } finally {
    await rm(succession, { force: true })
  }
}

async function isLinked(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

async function isDead(holder: Holder, path: string): Promise<boolean> {
  const ended = hasEnded(holder)
  if (ended !== undefined) return ended
  const modified = await stat(path).catch(() => undefined)
  return modified !== undefined && Date.now() - modified.mtimeMs > silenceMs
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(await readFile(path, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** A lock is linked only when it is whole; one that cannot be read was cut by a power failure, its holder with it. */
function parseHolder(text: string): Holder {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) {
      const { host, pid, start, token } = value
      if (
        typeof host === 'string' &&
        typeof pid === 'number' &&
        typeof start === 'string' &&
        typeof token === 'string'
      )
        return { host, pid, start, token }
    }
  } catch {
    // As below.
  }
  return { ...identityOf(), start: 'never', token: 'unreadable' }
}

async function renew(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
