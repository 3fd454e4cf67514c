import fc from 'fast-check'
import { expect, test } from 'vitest'

import { makeSourceFolder } from '../source-folder.ts'

test('a CSV file has numbers and booleans where every value of a column is one exactly', async () => {
  const folder = await makeSourceFolder()
  await folder.write(
    'a.csv',
    [
      'zip,count,score,ok,big,hash,note',
      '007,1,1.5,True,1,12e4,"a ""quoted"", one"',
      '123,,-2e-05,false,9007199254740993,99e1,',
      '456,3,0,,2,1,""',
    ].join('\r\n'),
  )
  expect(await folder.read('a.csv')).toEqual([
    { zip: '007', count: 1, score: 1.5, ok: true, big: '1', hash: '12e4', note: 'a "quoted", one' },
    {
      zip: '123',
      count: null,
      score: -2e-5,
      ok: false,
      big: '9007199254740993',
      hash: '99e1',
      note: null,
    },
    { zip: '456', count: 3, score: 0, ok: null, big: '2', hash: '1', note: '' },
  ])
})

test('types hold for all CSV files of a request', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.csv', 'id\n1\n')
  await folder.write('b.csv', 'id\nx2\n')
  expect(await folder.read('*.csv')).toEqual([{ id: '1' }, { id: 'x2' }])
})

test('columns that are told decide about types', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.csv', 'id,tags,n\n1,"[""x""]",2\n')
  const columns = {
    id: { type: 'string' },
    tags: { type: 'array' },
    n: { type: ['integer', 'null'] },
  }
  expect(await folder.read({ dataFiles: 'a.csv', columns })).toEqual([
    { id: '1', tags: ['x'], n: 2 },
  ])
})

test.each([
  ['a.csv', 'x;y\n1;"2\n,3"\n\n', [{ x: 1, y: '2\n,3' }]],
  ['a.tsv', 'x\ty, z\n1\t2', [{ x: 1, 'y, z': 2 }]],
  [
    'a.csv',
    'prompt\nWrite a poem; short\n"Tell me, again"\n',
    [{ prompt: 'Write a poem; short' }, { prompt: 'Tell me, again' }],
  ],
  ['a.csv', '\uFEFF,x\r\n0,a\r\n', [{ column_1: 0, x: 'a' }]],
  [
    'a.csv',
    'a,b\n1,"x\r\ny"\r\n,\n',
    [
      { a: 1, b: 'x\r\ny' },
      { a: null, b: null },
    ],
  ],
])('a delimiter is found in the header of %s: %j', async (name, content, rows) => {
  const folder = await makeSourceFolder()
  await folder.write(name, content)
  expect(await folder.read(name)).toEqual(rows)
})

test('values that were written come back, wherever the pieces that are read end', async () => {
  const folder = await makeSourceFolder()
  const value = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ü', ' ') })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1 }), async (records) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
      const filler = 'x'.repeat(262_140)
      const lines = [['a', 'b'], [filler, ''], ...records].map((record) => record.map(quote).join())
      await folder.write('a.csv', lines.join('\n'))
      const rows = await folder.read({
        dataFiles: 'a.csv',
        columns: { a: { type: 'string' }, b: { type: 'string' } },
      })
      expect(rows.slice(1)).toEqual(records.map(([a, b]) => ({ a, b })))
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['a,b\n1,2\n3\n', 'line 3, has 1 value where the header has 2'],
  ['a,b\n"1\n",2\n3,4,5\n', 'line 4, has 3 values where the header has 2'],
  ['a,b\n1,"2\n3,4\n', 'line 2, opens a quote that is not closed'],
  ['a,b\n1,"2"3\n', 'line 2, has "3" behind a closing quote'],
  ['a,a\n1,2\n', "names the column 'a' twice"],
  [Buffer.from('a\ncaf\xe9\n', 'latin1'), 'is not UTF-8'],
])('a flaw of a CSV file is an error that names it: %j', async (content, message) => {
  const folder = await makeSourceFolder()
  await folder.write('a.csv', content)
  await expect(folder.read('a.csv')).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringContaining(message),
  })
})

test('a CSV file with nothing but a header holds no rows', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.csv', 'a,b\n')
  await expect(folder.read('a.csv')).rejects.toMatchObject({ code: 'file-empty' })
})
