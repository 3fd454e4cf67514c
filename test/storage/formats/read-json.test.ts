import { expect, test } from 'vitest'

import { makeSourceFolder } from '../source-folder.ts'

test.each([
  ['[{"id":1},\n {"id":2,"x":{"y":["}",{"z":"\\"]"}]}}]\n', [1, 2]],
  ['{"id":1}', [1]],
  ['{"id":1}\n{"id":2}\n', [1, 2]],
])('a JSON file has the rows of its objects: %j', async (content, ids) => {
  const folder = await makeSourceFolder()
  await folder.write('a.json', content)
  const rows = await folder.read('a.json')
  expect(rows.map(({ id }) => id)).toEqual(ids)
  expect(rows).toEqual(content.startsWith('[') ? JSON.parse(content) : rows)
})

test('a large array in one line is read as it comes', async () => {
  const folder = await makeSourceFolder()
  const rows = Array.from({ length: 20_000 }, (_, id) => ({
    id,
    text: `über {[${id}]}`,
    n: [[{}]],
  }))
  await folder.write('a.json', JSON.stringify(rows))
  expect(await folder.read('a.json')).toEqual(rows)
  expect(await folder.read({ dataFiles: 'a.json', numExamples: 2 })).toEqual(rows.slice(0, 2))
})

test.each([
  ['hello', "begins with 'h'"],
  ['[1]', "line 1, has '1' where an object belongs"],
  ['[{"id":1}\n{"id":2}]', "line 2, has '{' where ',' or ']' belongs"],
  ['[{"id":1},]', "has ']' where an object belongs"],
  ['[{"id":1}', 'ends before its array does'],
  ['[{"id":1', 'begins an object that does not end'],
  ['[{"id":1}] x', "goes on with 'x'"],
  ['[\n\n{"id":}]', 'line 3, begins an object that is not JSON'],
])('a flaw of a JSON file is an error that names it: %j', async (content, message) => {
  const folder = await makeSourceFolder()
  await folder.write('a.json', content)
  await expect(folder.read('a.json')).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringContaining(message),
  })
})
