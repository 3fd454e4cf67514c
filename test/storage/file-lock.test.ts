import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { withFileLock } from '../../src/storage/file-lock.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retort-lock-'))
  path = join(folder, 'lock')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('one after another works under a lock, and nothing stays of it', async () => {
  expect(await mostAtOnce(16)).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('a failure gives the lock back', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withFileLock(path, () => Promise.resolve('yes'))).toBe('yes')
})

test('the lock of a killed process is taken over, by one at a time', async () => {
  const holder = await holdElsewhere()
  const ended = once(holder, 'exit')
  holder.kill('SIGKILL')
  await ended
  expect(await readdir(folder)).toEqual(['lock'])
  expect(await mostAtOnce(16)).toBe(1)
}, 60_000)

test('the lock of a living process is waited for as long as told, and the process is named', async () => {
  const holder = await holdElsewhere()
  await expect(
    withFileLock(path, () => Promise.resolve(), { patienceMs: 50 }),
  ).rejects.toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining(`held by process ${holder.pid}`),
  })
  const waiting = withFileLock(path, () => Promise.resolve('mine'))
  holder.send('go')
  expect(await waiting).toBe('mine')
}, 60_000)

test('the lock of another machine counts as long as it is renewed', async () => {
  const holder = { host: 'elsewhere', pid: 1, start: '1', token: 'one' }
  await writeFile(path, JSON.stringify(holder))
  await expect(
    withFileLock(path, () => Promise.resolve(), { patienceMs: 20 }),
  ).rejects.toMatchObject({ code: 'store-unavailable' })
  const aMinuteAgo = new Date(Date.now() - 60_000)
  await utimes(path, aMinuteAgo, aMinuteAgo)
  expect(await mostAtOnce(4)).toBe(1)
})

test('a lock that a power failure emptied is taken over', async () => {
  await writeFile(path, '')
  expect(await mostAtOnce(4)).toBe(1)
})

async function mostAtOnce(workers: number): Promise<number> {
  let now = 0
  let most = 0
  await Promise.all(
    Array.from({ length: workers }, () =>
      withFileLock(path, async () => {
        now += 1
        most = Math.max(most, now)
        await readdir(folder)
        now -= 1
      }),
    ),
  )
  return most
}

async function holdElsewhere(): Promise<ChildProcess> {
  const holder = fork(join(import.meta.dirname, 'hold-lock.ts'), [path])
  await once(holder, 'message')
  return holder
}
