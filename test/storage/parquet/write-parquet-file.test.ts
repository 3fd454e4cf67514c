import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import type { ColumnSchemas } from '../../../src/core/step.ts'
import { readParquetFile } from '../../../src/storage/parquet/read-parquet-file.ts'
import { parquetNames, writeParquetFile } from '../../../src/storage/parquet/write-parquet-file.ts'
import { collect, query, streamOf, testFolder, typesIn } from './part-folder.ts'

const string = { type: 'string' }
const integer = { type: 'integer' }
const everything: ColumnSchemas = {
  text: string,
  whole: integer,
  score: { type: 'number' },
  good: { type: 'boolean' },
  tags: { type: 'array', items: { type: ['string', 'null'] } },
  messages: {
    type: 'array',
    items: { type: 'object', properties: { role: string, content: string, extra: {} } },
  },
  answer: {},
}

async function write(
  columns: ColumnSchemas,
  rows: readonly Row[],
  name = 'rows.parquet',
): Promise<string> {
  const file = join(await testFolder(), name)
  const written = await writeParquetFile(streamOf(rows), columns, file)
  expect(written.rows).toBe(rows.length)
  return file
}

async function roundTrip(columns: ColumnSchemas, rows: readonly Row[]): Promise<Row[]> {
  return collect(readParquetFile(await write(columns, rows), columns))
}

const full = {
  text: 'naïve 😀',
  whole: 2 ** 60,
  score: 0.1,
  good: true,
  tags: ['a', null, ''],
  messages: [
    { role: 'user', content: 'hi', extra: { z: [1, 'x'] } },
    { role: 'assistant', content: null, extra: null },
  ],
  answer: { 'any key': [null, { deep: 'ü' }] },
}
const empty = {
  text: null,
  whole: null,
  score: null,
  good: null,
  tags: null,
  messages: null,
  answer: null,
}

test('rows come back as they were written, and SQL sees their types and values', async () => {
  const file = await write(everything, [full, empty])
  expect(await collect(readParquetFile(file, everything))).toEqual([full, empty])
  expect(await typesIn(file)).toEqual({
    text: 'VARCHAR',
    whole: 'BIGINT',
    score: 'DOUBLE',
    good: 'BOOLEAN',
    tags: 'VARCHAR[]',
    messages: 'STRUCT("role" VARCHAR, "content" VARCHAR, extra VARCHAR)[]',
    answer: 'VARCHAR',
  })
  expect(
    await query(
      `SELECT text, whole, score, good, tags[3] AS tag, messages[1].content AS content,
         answer->'any key'->1->>'deep' AS deep FROM read_parquet($file) LIMIT 1`,
      file,
    ),
  ).toEqual([
    {
      text: 'naïve 😀',
      whole: '1152921504606846976',
      score: 0.1,
      good: true,
      tag: '',
      content: 'hi',
      deep: 'ü',
    },
  ])
})

test('types do not depend on the rows: none at all, or nothing but nulls', async () => {
  const filled = await typesIn(await write(everything, [full]))
  expect(await typesIn(await write(everything, []))).toEqual(filled)
  expect(await typesIn(await write(everything, [{}, empty]))).toEqual(filled)
  expect(await roundTrip(everything, [{}])).toEqual([empty])
  expect(await roundTrip(everything, [])).toEqual([])
})

test('the parts are compressed with zstd', async () => {
  const file = await write({ text: string }, [full])
  expect(await query('SELECT compression FROM parquet_metadata($file)', file)).toEqual([
    { compression: 'ZSTD' },
  ])
})

test('fields that a struct lacks are null', async () => {
  const rows = [{ messages: [{ role: 'user' }, {}, { extra: 0 }] }, { messages: [] }]
  expect(await roundTrip({ messages: everything['messages'] ?? {} }, rows)).toEqual([
    {
      messages: [
        { role: 'user', content: null, extra: null },
        { role: null, content: null, extra: null },
        { role: null, content: null, extra: 0 },
      ],
    },
    { messages: [] },
  ])
})

test('strings of every kind survive', async () => {
  const texts = [
    '',
    'a\0b',
    '\0',
    'null',
    'NULL',
    '"\\',
    '\r\n\u2028\ufeff',
    '𝔘',
    '5',
    '2020-01-01',
  ]
  expect(
    await roundTrip(
      { text: string },
      texts.map((text) => ({ text })),
    ),
  ).toEqual(texts.map((text) => ({ text })))
})

test('half a surrogate pair, which UTF-8 cannot hold, becomes a replacement character', async () => {
  expect(await roundTrip({ text: string, any: {} }, [{ text: 'a\ud800b', any: '\ud800' }])).toEqual(
    [{ text: 'a\ufffdb', any: '\ud800' }],
  )
})

test('strings of several megabytes survive beside short ones', async () => {
  const rows = [{ text: 'é'.repeat(2_500_000) }, { text: 'x' }, { text: 'y'.repeat(20_000_000) }]
  const lengths = (await roundTrip({ text: string }, rows)).map((row) => String(row['text']).length)
  expect(lengths).toEqual([2_500_000, 1, 20_000_000])
})

test('numbers survive to the last digit', async () => {
  const scores = [0.1, 1e300, 5e-324, -1.5, 123456789012345680000, 3]
  expect(
    await roundTrip(
      { score: { type: 'number' } },
      scores.map((score) => ({ score })),
    ),
  ).toEqual(scores.map((score) => ({ score })))
  const wholes = [0, -1, Number.MAX_SAFE_INTEGER, -(2 ** 63), 2 ** 62]
  expect(
    await roundTrip(
      { whole: integer },
      wholes.map((whole) => ({ whole })),
    ),
  ).toEqual(wholes.map((whole) => ({ whole })))
})

test('column names may hold quotes, spaces, dots and any script', async () => {
  const names = ['we"ird', "it's", 'a b', 'a.b', 'größe', '列', 'c0', 'select', '*', '{}']
  const columns = Object.fromEntries(names.map((name) => [name, integer]))
  const row = Object.fromEntries(names.map((name, index) => [name, index]))
  const file = await write(columns, [row])
  expect(await collect(readParquetFile(file, columns))).toEqual([row])
  expect(Object.keys(await typesIn(file))).toEqual(names)
  const nested = { s: { type: 'object', properties: columns } }
  expect(await roundTrip(nested, [{ s: row }])).toEqual([{ s: row }])
})

test('columns that differ in case only are kept apart', async () => {
  const columns = { Text: string, text: string, '': string }
  const row = { Text: 'a', text: 'b', '': 'c' }
  const file = await write(columns, [row])
  expect(await collect(readParquetFile(file, columns))).toEqual([row])
  expect(Object.keys(await typesIn(file))).toEqual(['Text', 'text_1', '_1'])
  expect(parquetNames(['a', 'A', 'a_1', 'A'])).toEqual(['a', 'A_2', 'a_1', 'A_3'])
})

test('a column named as what objects inherit holds its own values only', async () => {
  const columns = { constructor: string, toString: string }
  expect(await roundTrip(columns, [{}, { constructor: 'x' }])).toEqual([
    { constructor: null, toString: null },
    { constructor: 'x', toString: null },
  ])
})

test('a folder whose name looks like a pattern or a partition changes nothing', async () => {
  const name = "a[1]*?='b'.parquet"
  const file = await write({ text: string }, [{ text: 'x' }], name)
  expect(await collect(readParquetFile(file, { text: string }))).toEqual([{ text: 'x' }])
})

test.each([
  [{ whole: integer }, { whole: 1.5 }, "Column 'whole' holds 1.5 in row 1"],
  [{ whole: integer }, { whole: 1e20 }, "Column 'whole' holds 100000000000000000000 in row 1"],
  [{ whole: integer }, { whole: '7' }, `Column 'whole' holds "7" in row 1`],
  [{ text: string }, { text: 7 }, "Column 'text' holds 7 in row 1"],
  [{ tags: everything['tags'] ?? {} }, { tags: ['a', 1] }, "Column 'tags[]' holds 1 in row 1"],
  [
    { messages: everything['messages'] ?? {} },
    { messages: [{ other: 1 }] },
    "asks for an object without key 'other'",
  ],
])('a value that is not of its column’s type is refused: %j %j', async (columns, row, sentence) => {
  const file = join(await testFolder(), 'rows.parquet')
  await expect(writeParquetFile(streamOf([{}, row]), columns, file)).rejects.toMatchObject({
    code: 'column-mistyped',
    message: expect.stringContaining(sentence),
  })
})

test('any range of many rows is read in order', async () => {
  const columns = { id: integer, text: string }
  const rows = Array.from({ length: 10_000 }, (_, id) => ({ id, text: `${id} `.repeat(500) }))
  const file = await write(columns, rows)
  const [groups] = await query(
    'SELECT count(DISTINCT row_group_id) AS number FROM parquet_metadata($file)',
    file,
  )
  expect(Number(groups?.['number'])).toBeGreaterThan(2)
  expect(await collect(readParquetFile(file, columns))).toEqual(rows)
  expect(await collect(readParquetFile(file, columns, { offset: 7000, limit: 3 }))).toEqual(
    rows.slice(7000, 7003),
  )
  expect(await collect(readParquetFile(file, columns, { offset: 9999 }))).toEqual(rows.slice(9999))
  expect(await collect(readParquetFile(file, columns, { offset: 10_000 }))).toEqual([])
})

test('a reader may stop early', async () => {
  const file = await write(
    { id: integer },
    Array.from({ length: 5000 }, (_, id) => ({ id })),
  )
  for await (const row of readParquetFile(file, { id: integer })) {
    expect(row).toEqual({ id: 0 })
    break
  }
})

test('an error of the rows passes through as it is', async () => {
  const file = join(await testFolder(), 'rows.parquet')
  const failure = new Error('lost')
  async function* rows(): AsyncIterable<Row> {
    yield {}
    throw failure
  }
  await expect(writeParquetFile(rows(), { id: integer }, file)).rejects.toBe(failure)
})
