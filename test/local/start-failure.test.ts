import { expect, test } from 'vitest'

import { RetortError } from '../../src/core/errors.ts'
import { toStartFailure } from '../../src/local/start-failure.ts'

const folder = '/data/.retort'
const plenty = 1e9

test('whatever a full disk does to the server, the user is told of the disk', () => {
  const errors = [
    new RetortError('temporal-unreachable', 'The keeper failed: '),
    Object.assign(new Error('ENOSPC: no space left on device'), {
      code: 'ENOSPC',
      syscall: 'write',
    }),
  ]
  for (const error of errors)
    expect(toStartFailure(error, folder, 0)).toMatchObject({
      code: 'temporal-unreachable',
      verdict: 'invalid',
      message: expect.stringContaining("the disk of '/data/.retort' is full; free some space"),
    })
})

test('a folder that cannot be written is named, with what to do', () => {
  const error = Object.assign(new Error('EROFS: read-only'), { code: 'EROFS', syscall: 'mkdir' })
  expect(toStartFailure(error, folder, plenty)).toMatchObject({
    code: 'store-read-only',
    message: expect.stringContaining("'/data/.retort' cannot be written (EROFS: read-only)"),
  })
})

test('what has a sentence of its own keeps it', () => {
  const taken = new RetortError('port-in-use', 'Port 1 is in use.')
  expect(toStartFailure(taken, folder, 0)).toBe(taken)
  const failed = new RetortError('temporal-unreachable', 'It did not start.')
  expect(toStartFailure(failed, folder, plenty)).toBe(failed)
})
