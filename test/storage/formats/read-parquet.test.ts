import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'

import { makeSourceFolder } from '../source-folder.ts'

async function writeParquet(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`SET TimeZone = 'UTC'`)
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
}

test('Parquet values become JSON values', async () => {
  const folder = await makeSourceFolder()
  await writeParquet(
    join(folder.path, 'a.parquet'),
    `SELECT 'ü' AS text, NULL::VARCHAR AS nothing, 1::BIGINT AS small, 9007199254740993::BIGINT AS big, 1.5::DOUBLE AS score,
      'nan'::DOUBLE AS nan, true AS ok, 1.25::DECIMAL(10, 2) AS price, [1, NULL, 3] AS list, [{a: 1, b: 'x'}] AS structs,
      MAP {'k': 1} AS map, MAP {1: 'v'} AS numbers, '{"a":[1]}'::JSON AS json, DATE '2020-01-02' AS day,
      TIMESTAMP '2020-01-02 03:04:05.25' AS at, TIMESTAMPTZ '2020-01-02 03:04:05+02' AS zoned, TIME '03:04:05' AS clock`,
  )
  expect(await folder.read('a.parquet')).toEqual([
    {
      text: 'ü',
      nothing: null,
      small: 1,
      big: '9007199254740993',
      score: 1.5,
      nan: null,
      ok: true,
      price: 1.25,
      list: [1, null, 3],
      structs: [{ a: 1, b: 'x' }],
      map: { k: 1 },
      numbers: [{ key: 1, value: 'v' }],
      json: { a: [1] },
      day: '2020-01-02',
      at: '2020-01-02T03:04:05.25',
      zoned: '2020-01-02T01:04:05Z',
      clock: '03:04:05',
    },
  ])
})

test('rows of many row groups come in their order, and no more than asked for', async () => {
  const folder = await makeSourceFolder()
  await writeParquet(join(folder.path, 'b[1].parquet'), 'SELECT range AS id FROM range(300000)')
  const rows = await folder.read('b[1].parquet')
  expect(rows).toHaveLength(300_000)
  expect(rows.every(({ id }, index) => id === index)).toBe(true)
  expect(await folder.read({ dataFiles: 'b[1].parquet', numExamples: 3 })).toEqual(rows.slice(0, 3))
})

test('bytes are refused with their column, unless other columns are asked for', async () => {
  const folder = await makeSourceFolder()
  await writeParquet(
    join(folder.path, 'a.parquet'),
    `SELECT 1 AS id, {path: 'x', bytes: 'x'::BLOB} AS image`,
  )
  await expect(folder.read('a.parquet')).rejects.toMatchObject({
    code: 'file-malformed',
    message:
      "File 'a.parquet' has bytes in column 'image.bytes', which a row of JSON cannot hold; name the columns to read in 'columns'.",
  })
  expect(
    await folder.read({ dataFiles: 'a.parquet', columns: { id: { type: 'integer' } } }),
  ).toEqual([{ id: 1 }])
  await expect(
    folder.read({ dataFiles: 'a.parquet', columns: { text: {} } }),
  ).rejects.toMatchObject({ code: 'column-missing', message: expect.stringContaining("'id'") })
})

test('a file that is no Parquet is an error that says so', async () => {
  const folder = await makeSourceFolder()
  await folder.write('a.parquet', 'hello, world')
  await expect(folder.read('a.parquet')).rejects.toMatchObject({
    code: 'file-malformed',
    message: expect.stringMatching(/^File 'a\.parquet' cannot be read as Parquet: .*\.$/),
  })
})
