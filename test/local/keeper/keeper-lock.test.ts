import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import {
  holdsLock,
  lockHolder,
  releaseLock,
  takeLock,
} from '../../../src/local/keeper/keeper-lock.ts'
import { identityOf } from '../../../src/storage/process-identity.ts'

const self = identityOf()
const dead = { ...self, start: 'another time' }

let folder: string
let lock: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retort-lock-'))
  lock = join(folder, 'keeper.lock')
})

afterEach(() => rmSync(folder, { recursive: true }))

async function startTaker(): Promise<{ take: () => Promise<boolean> }> {
  const script = fileURLToPath(new URL('take-lock.ts', import.meta.url))
  const child = spawn(process.execPath, [script, lock], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    take: async () => {
      child.stdin.write('now\n')
      const [line] = await once(child.stdout, 'data')
      return String(line).trim() === 'true'
    },
  }
}

test('a lock that nobody holds is taken, and is free again after its release', () => {
  expect(takeLock(lock, self)).toBe(true)
  expect(lockHolder(lock)).toEqual(self)
  expect(takeLock(lock, { ...self, host: 'elsewhere.invalid' })).toBe(false)
  releaseLock(lock, self)
  expect(readdirSync(folder)).toEqual([])
})

test('a lock of a dead process is taken over without a trace of it', () => {
  expect(takeLock(lock, dead)).toBe(true)
  expect(takeLock(lock, self)).toBe(true)
  expect(holdsLock(lock, self)).toBe(true)
  expect(readdirSync(folder)).toEqual(['keeper.lock'])
})

test('a lock file that a power failure emptied is taken over', () => {
  writeFileSync(lock, '')
  expect(takeLock(lock, self)).toBe(true)
})

test('releasing a lock leaves one that another took', () => {
  takeLock(lock, self)
  releaseLock(lock, dead)
  expect(holdsLock(lock, self)).toBe(true)
})

test.each([
  ['an absent', () => {}],
  ['a dead', () => void takeLock(lock, dead)],
])('of many that take %s lock at once, one gets it', { timeout: 30_000 }, async (_, prepare) => {
  prepare()
  const takers = await Promise.all(Array.from({ length: 6 }, startTaker))
  const taken = await Promise.all(takers.map(({ take }) => take()))
  expect(taken.filter(Boolean)).toHaveLength(1)
  expect(readdirSync(folder)).toEqual(['keeper.lock'])
})
