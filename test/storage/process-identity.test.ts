import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { identityOf, isAlive } from '../../src/storage/process-identity.ts'

test('a process is alive until it ends', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  const identity = identityOf(child.pid)
  expect(identity.start).not.toBe('')
  expect(isAlive(identity)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isAlive(identity)).toBe(false)
})

test('a pid that was given out again is another process', () => {
  expect(isAlive({ ...identityOf(), start: 'some other time' })).toBe(false)
})

test('a process keeps its identity', () => {
  expect(identityOf()).toEqual(identityOf(process.pid))
})

test('a process that ended but was not waited for counts as dead', async () => {
  // The shell starts a child, tells its pid, and becomes a program that never waits for it.
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
  onTestFinished(() => void shell.kill('SIGKILL'))
  const [line] = await once(shell.stdout, 'data')
  const child = identityOf(Number(String(line)))
  expect(isAlive(child)).toBe(true)
  process.kill(child.pid, 'SIGKILL')
  await expect.poll(() => isAlive(child)).toBe(false)
})

test('a process of another host counts as alive', () => {
  expect(isAlive({ pid: 1, start: 'long ago', host: 'elsewhere.invalid' })).toBe(true)
})
