import { gzipSync, zstdCompressSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { makeSourceFolder } from '../source-folder.ts'

test('a JSONL file has a row a line, without blank lines and a byte order mark', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '\uFEFF{"id":1}\r\n\n  \n{"id":2,"text":"ü\\n"}')
  expect(await folder.read('a.jsonl')).toEqual([{ id: 1 }, { id: 2, text: 'ü\n' }])
})

test('lines longer than what is read at once stay whole', async () => {
  const folder = await makeSourceFolder()
  const rows = [300_000, 3, 700_000, 10].map((length, id) => ({ id, text: 'ä'.repeat(length) }))
  await folder.write('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
  expect(await folder.read('a.jsonl')).toEqual(rows)
})

test('compressed JSONL is unpacked by its name', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl.gz', gzipSync('{"id":1}\n'))
  await folder.write('b.jsonl.zst', zstdCompressSync(Buffer.from('{"id":2}\n')))
  await folder.write('c.jsonl.gz', '{"id":3}\n')
  expect(await folder.read({ dataFiles: ['b.jsonl.zst', 'a.jsonl.gz'] })).toEqual([
    { id: 1 },
    { id: 2 },
  ])
  await expect(folder.read('c.jsonl.gz')).rejects.toMatchObject({
    code: 'file-malformed',
    message: "File 'c.jsonl.gz' is not the gzip that its name says.",
  })
})

test('a whole number past 2^53 keeps its digits, as text', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', '{"id":9007199254740993,"x":[1e300,-12345678901234567890,0.1,5]}')
  expect(await folder.read('a.jsonl')).toEqual([
    { id: '9007199254740993', x: [1e300, '-12345678901234567890', 0.1, 5] },
  ])
})

test.each([
  ['{"id":1}\n\n{"id":2,}', 3, /^File 'a\.jsonl', line 3, is not JSON: \D+\.$/],
  ['{"id":1}\n[1]\n', 2, "File 'a.jsonl', line 2, is an array, not an object."],
  ['null\n', 1, "File 'a.jsonl', line 1, is null, not an object."],
  ['"text"', 1, "File 'a.jsonl', line 1, is a string, not an object."],
  [Buffer.from('{"id":1}\n{"t":"\xe9"}\n', 'latin1'), 2, "File 'a.jsonl', line 2, is not UTF-8."],
])('a bad line of JSONL is an error that names it: %j', async (content, line, message) => {
  const folder = await makeSourceFolder()
  await folder.write('a.jsonl', content)
  await expect(folder.read('a.jsonl')).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringMatching(message),
    data: { file: 'a.jsonl', line },
  })
})

test('a bad line far into a file is named by its number in the file', async () => {
  const folder = await makeSourceFolder()
  const lines = Array.from({ length: 30_000 }, (_, id) => `{"id":${id},"text":"some words"}`)
  await folder.write('a.jsonl', [...lines, 'oops', ...lines].join('\n'))
  await expect(folder.read('a.jsonl')).rejects.toThrow('line 30001')
})
