import { expect, test } from 'vitest'

import { RetortError } from '../../../src/core/errors.ts'
import { toStorageError } from '../../../src/storage/parquet/storage-error.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: said the system`), { code })
}

test.each([
  [systemError('ENOSPC'), 'store-full'],
  [systemError('EROFS'), 'store-read-only'],
  [systemError('EACCES'), 'store-read-only'],
  [systemError('ENOTDIR'), 'usage'],
  [new Error('IO Error: Could not write file "/a": No space left on device'), 'store-full'],
  [new Error('IO Error: Cannot open file "/a": Permission denied'), 'store-read-only'],
])('%s is told as one sentence with code %s', (error, code) => {
  expect(toStorageError(error, "'out.csv'")).toMatchObject({
    code,
    cause: error,
    message: expect.stringMatching(/^'out\.csv' [^.]*\.$/),
  })
})

test('errors that no file system made stay as they are', () => {
  const errors = [
    new Error('Permission denied by a step'),
    new RetortError('internal', 'x'),
    systemError('EIO'),
  ]
  for (const error of errors) expect(toStorageError(error, 'x')).toBe(error)
})
