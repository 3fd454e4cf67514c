import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { callerFile } from '../../../src/local/pipelines/caller-file.ts'

test('the caller is the file outside of the package that called it', () => {
  expect(callerFile()).toBe(fileURLToPath(import.meta.url))
})
