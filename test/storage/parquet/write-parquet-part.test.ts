import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'

import { expect, onTestFinished, test, vi } from 'vitest'

import { createFileStore } from '../../../src/storage/file-store.ts'
import { warmUpParquet } from '../../../src/storage/parquet/duckdb.ts'
import { writeParquetPart } from '../../../src/storage/parquet/write-parquet-part.ts'
import { collect, streamOf, testFolder } from './part-folder.ts'

const columns = { id: { type: 'integer' } }
const prefix = 'datasets/a/1/leaf'

test('a part is named by its content and tells its size', async () => {
  await warmUpParquet()
  const store = createFileStore(await testFolder())
  const rows = Array.from({ length: 3000 }, (_, id) => ({ id }))
  const part = await writeParquetPart({ rows: streamOf(rows), columns, store, prefix, index: 7 })
  const bytes = await store.get(part.key)
  expect(part).toEqual({
    key: `${prefix}/000007-${createHash('sha256')
      .update(bytes ?? '')
      .digest('hex')}.parquet`,
    rows: 3000,
    bytes: bytes?.length,
  })
})

test('equal rows written again, also at the same time, are the same part', async () => {
  const store = createFileStore(await testFolder())
  const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, text: `${id}`.repeat(100) }))
  const write = () =>
    writeParquetPart({
      rows: streamOf(rows),
      columns: { ...columns, text: { type: 'string' } },
      store,
      prefix,
      index: 0,
    })
  const [first, second] = await Promise.all([write(), write()])
  expect(second).toEqual(first)
  expect(await write()).toEqual(first)
  expect(await collect(store.list(prefix))).toHaveLength(1)
})

test('nothing stays behind in the temporary folder, also after an error', async () => {
  const store = createFileStore(await testFolder())
  const temporary = await testFolder()
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const options = { columns, store, prefix, index: 0 }
  await writeParquetPart({ ...options, rows: streamOf([{ id: 1 }]) })
  await expect(
    writeParquetPart({ ...options, rows: streamOf([{ id: 'x' }]) }),
  ).rejects.toMatchObject({ code: 'column-mistyped' })
  expect(await readdir(temporary)).toEqual([])
})

test('two parts with equal rows are two parts', async () => {
  const store = createFileStore(await testFolder())
  const write = (index: number) =>
    writeParquetPart({ rows: streamOf([{ id: 1 }]), columns, store, prefix, index })
  const keys = [await write(0), await write(1)].map(({ key }) => key)
  const stored = await collect(store.list(prefix))
  expect(stored.map(({ key }) => key)).toEqual(keys)
})
