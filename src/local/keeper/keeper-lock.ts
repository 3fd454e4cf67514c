import { createHash, randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isAlive, type ProcessIdentity } from '../../storage/process-identity.ts'

/**
 * Takes a lock file unless a living process holds it, and tells whether it did.
 *
 * The file appears whole (link), and only one process may replace a dead holder's: the one that took the claim named after that
 * holder. A claim is itself such a lock, so one whose owner died is taken over in the same way.
 */
export function takeLock(path: string, self: ProcessIdentity): boolean {
  for (;;) {
    if (putIfAbsent(path, self)) return true
    const held = readText(path)
    if (held === undefined) continue
    const holder = parseHolder(held)
    if (holder !== undefined && isAlive(holder)) return false
    const claim = `${path}.${createHash('sha256').update(held).digest('hex').slice(0, 12)}`
    if (!takeLock(claim, self)) return false
    try {
      // Another claimant may have replaced the holder and gone before this one came.
      if (readText(path) === held) {
        replace(path, self)
        return true
      }
    } finally {
      rmSync(claim, { force: true })
    }
  }
}

/** The living or dead process that a lock file names; `undefined` where none does. */
export function lockHolder(path: string): ProcessIdentity | undefined {
  const text = readText(path)
  return text === undefined ? undefined : parseHolder(text)
}

/** Whether a lock file names this process. */
export function holdsLock(path: string, self: ProcessIdentity): boolean {
  return readText(path) === toText(self)
}

/** Gives up a lock that this process holds. */
export function releaseLock(path: string, self: ProcessIdentity): void {
  if (holdsLock(path, self)) rmSync(path, { force: true })
}

function putIfAbsent(path: string, self: ProcessIdentity): boolean {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, toText(self))
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function replace(path: string, self: ProcessIdentity): void {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, toText(self))
  renameSync(draft, path)
}

function toText({ pid, start, host }: ProcessIdentity): string {
  return JSON.stringify({ pid, start, host })
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    const { pid, start, host } = JSON.parse(text)
    if (typeof pid === 'number' && typeof start === 'string' && typeof host === 'string') {
      return { pid, start, host }
    }
  } catch {
    // A file that a power failure cut off names nobody.
  }
  return undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
