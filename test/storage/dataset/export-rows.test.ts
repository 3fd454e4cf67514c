import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Row } from '../../../src/core/columns.ts'
import type { ColumnSchemas } from '../../../src/core/step.ts'
import { exportRows } from '../../../src/storage/dataset/export-rows.ts'
import { query, streamOf, testFolder, typesIn } from '../parquet/part-folder.ts'

const columns: ColumnSchemas = {
  id: { type: 'integer' },
  text: { type: ['string', 'null'] },
  tags: { type: 'array', items: { type: 'string' } },
}
const rows: readonly Row[] = [
  { id: 1, text: 'plain', tags: ['a'], hidden: 'x' },
  { id: 2, text: 'with "quotes", commas\nand lines', tags: [] },
  { id: 3, text: null },
  { id: 4, text: '', tags: ['ü,'] },
]

async function* broken(): AsyncIterable<Row> {
  yield { id: 1 }
  throw new Error('lost')
}

test('JSONL holds one object a line with the columns in order', async () => {
  const file = join(await testFolder(), 'new', 'folders', 'rows.jsonl')
  const written = await exportRows(streamOf(rows), columns, file, 'jsonl')
  const text = await readFile(file, 'utf8')
  expect(written).toEqual({ rows: 4, bytes: Buffer.byteLength(text) })
  expect(text.split('\n')).toEqual([
    '{"id":1,"text":"plain","tags":["a"]}',
    '{"id":2,"text":"with \\"quotes\\", commas\\nand lines","tags":[]}',
    '{"id":3,"text":null,"tags":null}',
    '{"id":4,"text":"","tags":["ü,"]}',
    '',
  ])
})

test('CSV is read back by another reader, with lists as JSON', async () => {
  const file = join(await testFolder(), 'rows.csv')
  expect(await exportRows(streamOf(rows), columns, file, 'csv')).toMatchObject({ rows: 4 })
  expect(await readFile(file, 'utf8')).toContain('2,"with ""quotes"", commas\nand lines",[]\r\n')
  expect(
    await query(`FROM read_csv($file, all_varchar = true, allow_quoted_nulls = false)`, file),
  ).toEqual([
    { id: '1', text: 'plain', tags: '["a"]' },
    { id: '2', text: 'with "quotes", commas\nand lines', tags: '[]' },
    { id: '3', text: null, tags: null },
    { id: '4', text: '', tags: '["ü,"]' },
  ])
})

test('a CSV row with nothing but null is no empty line', async () => {
  const file = join(await testFolder(), 'rows.csv')
  await exportRows(streamOf([{ text: null }]), { text: { type: 'string' } }, file, 'csv')
  expect(await readFile(file, 'utf8')).toBe('text\r\n""\r\n')
})

test('Parquet has the types of the schemas', async () => {
  const file = join(await testFolder(), 'rows.parquet')
  expect(await exportRows(streamOf(rows), columns, file, 'parquet')).toMatchObject({ rows: 4 })
  expect(await typesIn(file)).toEqual({ id: 'BIGINT', text: 'VARCHAR', tags: 'VARCHAR[]' })
})

test('a file that is there is replaced only by a whole one', async () => {
  const folder = await testFolder()
  const file = join(folder, 'rows.jsonl')
  await writeFile(file, 'before')
  await expect(exportRows(broken(), columns, file, 'jsonl')).rejects.toThrow('lost')
  expect(await readFile(file, 'utf8')).toBe('before')
  expect(await readdir(folder)).toEqual(['rows.jsonl'])
  await exportRows(streamOf([{ id: 1 }]), columns, file, 'jsonl')
  expect(await readFile(file, 'utf8')).toBe('{"id":1,"text":null,"tags":null}\n')
})

test.each(['jsonl', 'csv', 'parquet'] as const)(
  'a place that cannot be written is one sentence, as %s',
  async (format) => {
    const folder = await testFolder()
    await mkdir(join(folder, 'taken'))
    await writeFile(join(folder, 'file'), '')
    const attempt = (name: string) =>
      exportRows(streamOf(rows), columns, join(folder, name), format)
    await expect(attempt('taken')).rejects.toMatchObject({
      code: 'usage',
      message: `'${join(folder, 'taken')}' is a folder; name a file.`,
    })
    await expect(attempt('file/rows')).rejects.toMatchObject({ code: 'usage' })
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'taken'])
  },
)

test.each(['jsonl', 'csv', 'parquet'] as const)(
  'a folder where nothing can be written is told as read-only, as %s',
  async (format) => {
    // Not even the superuser can make a file in there.
    await expect(exportRows(streamOf(rows), columns, '/sys/rows', format)).rejects.toMatchObject({
      code: 'store-read-only',
    })
  },
)
