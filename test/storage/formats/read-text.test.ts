import { expect, test } from 'vitest'

import { makeSourceFolder } from '../source-folder.ts'

test('a text file is a row with its path and text', async () => {
  const folder = await makeSourceFolder()
  await folder.write('src/deep/a.ts', '\uFEFFconst a = 1\n')
  expect(await folder.read('src/deep/a.ts')).toEqual([
    { path: 'src/deep/a.ts', text: 'const a = 1\n' },
  ])
})

test('what is no text is passed over in a folder, and an error where it is named', async () => {
  const folder = await makeSourceFolder()
  await folder.write('src/a.ts', 'a')
  await folder.write('src/b.bin', Buffer.from([1, 0, 2]))
  await folder.write('src/c.txt', Buffer.from('caf\xe9', 'latin1'))
  await folder.write('src/empty.txt', '')
  expect(await folder.read('src')).toEqual([{ path: 'src/a.ts', text: 'a' }])
  expect(await folder.read('src/*')).toEqual([{ path: 'src/a.ts', text: 'a' }])
  await expect(folder.read('src/b.bin')).rejects.toMatchObject({
    code: 'file-malformed',
    message: "File 'src/b.bin' is binary, not text.",
  })
  await expect(folder.read('src/c.txt')).rejects.toThrow("File 'src/c.txt' is not UTF-8.")
  await expect(folder.read('src/empty.txt')).rejects.toMatchObject({ code: 'file-empty' })
})
