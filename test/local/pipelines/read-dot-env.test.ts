import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readDotEnv } from '../../../src/local/pipelines/read-dot-env.ts'
import { createFileTree } from './file-tree.ts'

test('a .env beside the pipeline adds variables; real ones win', async () => {
  using tree = createFileTree({ '.env': `# keys\nA=1\nB="two words"\nexport C=3\n` })
  expect(await readDotEnv(join(tree.path, 'pipeline.ts'), { A: 'real', D: '4' })).toEqual({
    A: 'real',
    B: 'two words',
    C: '3',
    D: '4',
  })
})

test('a byte order mark is no part of the first name', async () => {
  using tree = createFileTree({ '.env': '\uFEFFA=1\n' })
  expect(await readDotEnv(join(tree.path, 'pipeline.ts'), {})).toEqual({ A: '1' })
})

test('without a .env the environment stays as it is', async () => {
  using tree = createFileTree()
  expect(await readDotEnv(join(tree.path, 'pipeline.ts'), { A: '1' })).toEqual({ A: '1' })
  expect(await readDotEnv(join(tree.path, 'absent/pipeline.ts'), { A: '1' })).toEqual({ A: '1' })
})

test('a folder named .env is passed over', async () => {
  using tree = createFileTree()
  mkdirSync(join(tree.path, '.env'))
  expect(await readDotEnv(join(tree.path, 'pipeline.ts'), { A: '1' })).toEqual({ A: '1' })
})

test('a .env that cannot be read is named', async () => {
  using tree = createFileTree()
  symlinkSync('.env', join(tree.path, '.env'))
  await expect(readDotEnv(join(tree.path, 'pipeline.ts'), {})).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringMatching(/^'.*\/\.env' cannot be read: .+\.$/),
  })
})
