import { mkdir, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import { createSourceFiles } from '../../src/storage/source-files.ts'
import { makeSourceFolder } from './source-folder.ts'

const { signal } = new AbortController()

test('files of a list, a glob and a folder are read once each, in order of their paths', async () => {
  const folder = await makeSourceFolder()
  for (const name of ['b/2.jsonl', 'b/1.jsonl', 'a.jsonl', 'b/c/3.ndjson', 'other.csv'])
    await folder.write(name, `{"name":"${name}"}\n`)
  const names = async (dataFiles: string | readonly string[]) =>
    (await folder.read({ dataFiles })).map(({ name }) => name)
  expect(await names(['b/2.jsonl', 'a.jsonl', 'b/*.jsonl'])).toEqual([
    'a.jsonl',
    'b/1.jsonl',
    'b/2.jsonl',
  ])
  expect(await names('b')).toEqual(['b/1.jsonl', 'b/2.jsonl', 'b/c/3.ndjson'])
  expect(await names(join(folder.path, '**/*.{jsonl,ndjson}'))).toHaveLength(4)
})

test('a folder is read without hidden files, node_modules and dist', async () => {
  const folder = await makeSourceFolder()
  for (const name of [
    'src/a.ts',
    'src/.env',
    '.git/config',
    '.retort/x',
    'node_modules/m/index.js',
    'src/dist/a.js',
    'README.md',
  ])
    await folder.write(name, 'text')
  const paths = async (dataFiles: string) =>
    (await folder.read({ dataFiles })).map(({ path }) => path)
  expect(await paths('.')).toEqual(['README.md', 'src/a.ts'])
  expect(await paths('**/*.*s')).toEqual(['src/a.ts'])
  expect(await paths('node_modules/**')).toEqual(['node_modules/m/index.js'])
  expect(await paths('src/dist')).toEqual(['src/dist/a.js'])
})

test('a path with characters of a glob means the file of that name', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a[1].jsonl', '{"id":"brackets"}')
  await folder.write('a1.jsonl', '{"id":"plain"}')
  expect(await folder.read('a[1].jsonl')).toEqual([{ id: 'brackets' }])
  expect(await folder.read('a[1-2].jsonl')).toEqual([{ id: 'plain' }])
})

test('a folder gives the files of the format that is asked for', async () => {
  const folder = await makeSourceFolder()
  await folder.write('data/rows.jsonl', '{"id":1}')
  await folder.write('data/README.md', 'about')
  expect(await folder.read({ dataFiles: 'data', filetype: 'jsonl' })).toEqual([{ id: 1 }])
  expect(await folder.read({ dataFiles: 'data', filetype: 'text' })).toHaveLength(2)
  await expect(folder.read({ dataFiles: 'data', filetype: 'csv' })).rejects.toMatchObject({
    code: 'file-missing',
    message: "'data' holds no csv files.",
  })
  await expect(folder.read('data')).rejects.toMatchObject({
    code: 'parameter-invalid',
    message: expect.stringContaining("text ('data/README.md'), jsonl ('data/rows.jsonl')"),
  })
})

test.each([
  ['rows.jsonl', /^There is no file 'rows\.jsonl' in \/.+\.$/],
  ['*.jsonl', /^No file in \/.+ matches '\*\.jsonl'\.$/],
  ['empty', /^Folder 'empty' in \/.+ holds no files\.$/],
  ['empty/rows.jsonl', /^There is no file/],
])(
  'a file that is not there is an error that says where it was looked for: %s',
  async (dataFiles, message) => {
    const folder = await makeSourceFolder()
    await mkdir(join(folder.path, 'empty'))
    await expect(folder.read(dataFiles)).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringMatching(message),
    })
    await expect(folder.files.fingerprint({ dataFiles })).rejects.toMatchObject({
      code: 'file-missing',
    })
  },
)

test.each(['rows.jsonl', 'rows.json', 'rows.csv', 'rows.txt'])(
  'an empty file is an error: %s',
  async (name) => {
    const folder = await makeSourceFolder()
    await folder.write(name, '')
    await expect(folder.read(name)).rejects.toMatchObject({
      code: 'file-empty',
      message: `File '${name}' holds no rows.`,
    })
  },
)

test.each(['{"id":1}\n{"id":2}\nbroken', '[{"id":1},{"id":2},broken]'])(
  'a source is read up to the number of rows that is asked for: %j',
  async (content) => {
    const folder = await makeSourceFolder()
    const dataFiles = content.startsWith('[') ? 'a.json' : 'a.jsonl'
    await folder.write(dataFiles, content)
    expect(await folder.read({ dataFiles, numExamples: 2 })).toEqual([{ id: 1 }, { id: 2 }])
    expect(await folder.read({ dataFiles, numExamples: 1 })).toEqual([{ id: 1 }])
    await expect(folder.read({ dataFiles, numExamples: 3 })).rejects.toMatchObject({
      code: 'file-malformed',
    })
  },
)

test('a fingerprint changes with what is in the files, and not with where they are', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '{"id":1}\n')
  await folder.write('copy/b.jsonl', '{"id":1}\n')
  await folder.write('c.txt', 'text')
  await folder.write('d.txt', 'text')
  const fingerprint = async (dataFiles: string) => await folder.files.fingerprint({ dataFiles })
  const first = await fingerprint('a.jsonl')
  expect(await fingerprint('copy/*.jsonl')).toBe(first)
  expect(await fingerprint('c.txt')).not.toBe(await fingerprint('d.txt'))
  await utimes(join(folder.path, 'a.jsonl'), 1, 1)
  expect(await fingerprint('a.jsonl')).toBe(first)
  await folder.write('a.jsonl', '{"id":2}\n')
  expect(await fingerprint('a.jsonl')).not.toBe(first)
})

test('a file that changes behind its fingerprint stops the reading', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '{"id":1}\n')
  const request = { dataFiles: 'a.jsonl' }
  await folder.files.fingerprint(request)
  await folder.write('a.jsonl', '{"id":1}\n{"id":2}\n')
  await expect(folder.read(request)).rejects.toMatchObject({ code: 'source-changed' })
  await folder.files.fingerprint(request)
  expect(await folder.read(request)).toHaveLength(2)
})

test('a file that grows while it is read stops the reading', async () => {
  const folder = await makeSourceFolder()
  const line = `{"text":"${'x'.repeat(1000)}"}\n`
  await folder.write('a.jsonl', line.repeat(2000))
  const read: Row[] = []
  const reading = async () => {
    for await (const row of folder.files.rows({ dataFiles: 'a.jsonl' }, signal)) {
      if (read.push(row) === 1) await folder.write('a.jsonl', line.repeat(2001))
    }
  }
  await expect(reading()).rejects.toMatchObject({ code: 'source-changed' })
})

test('links lead to their files, and a broken one is passed over', async () => {
  const folder = await makeSourceFolder()
  await folder.write('real/a.jsonl', '{"id":1}')
  await mkdir(join(folder.path, 'data'))
  await symlink('../real/a.jsonl', join(folder.path, 'data/link.jsonl'))
  await symlink('../nowhere', join(folder.path, 'data/broken.jsonl'))
  expect(await folder.read('data')).toEqual([{ id: 1 }])
})

test('reading ends when it is told to', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '{"id":1}\n')
  const aborted = AbortSignal.abort(new Error('told to end'))
  const files = createSourceFiles({ workingFolder: folder.path })
  await expect(Array.fromAsync(files.rows({ dataFiles: 'a.jsonl' }, aborted))).rejects.toThrow(
    'told to end',
  )
})
