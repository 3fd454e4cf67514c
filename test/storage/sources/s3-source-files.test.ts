import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { S3Client } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { SourceFiles } from '../../../src/core/source-files.ts'
import { createS3Client } from '../../../src/storage/s3-client.ts'
import { createSourceFiles } from '../../../src/storage/source-files.ts'
import { createS3Buckets } from '../../../src/storage/sources/s3-buckets.ts'
import { startS3Server } from '../../servers/versitygw.ts'
import type { S3Server } from '../../servers/versitygw.ts'

let server: S3Server
let client: S3Client
let files: SourceFiles
const { signal } = new AbortController()

beforeAll(async () => {
  server = await startS3Server()
  await server.createBucket('seeds')
  client = await createS3Client({ ...server, region: 'us-east-1' })
  files = createSourceFiles({
    workingFolder: tmpdir(),
    openBuckets: async () => createS3Buckets(client),
  })
}, 300_000)

afterAll(async () => {
  client.destroy()
  await server.stop()
})

async function put(key: string, body: string | Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: 'seeds', Key: key, Body: body }))
}

async function read(dataFiles: string | readonly string[]): Promise<unknown[]> {
  return await Array.fromAsync(files.rows({ dataFiles }, signal))
}

test('objects are read by their key, by a glob and by the prefix that they share', async () => {
  for (const key of ['many/a.jsonl', 'many/b.jsonl', 'many/deep/c.jsonl', 'many-others.jsonl'])
    await put(key, `{"key":"${key}"}\n`)
  const keys = (...names: string[]) => names.map((key) => ({ key }))
  expect(await read('s3://seeds/many/b.jsonl')).toEqual(keys('many/b.jsonl'))
  expect(await read('s3://seeds/many/*.jsonl')).toEqual(keys('many/a.jsonl', 'many/b.jsonl'))
  expect(await read('s3://seeds/many')).toEqual(
    keys('many/a.jsonl', 'many/b.jsonl', 'many/deep/c.jsonl'),
  )
  expect(await read(['s3://seeds/many/**/c*', 's3://seeds/many/a.jsonl'])).toEqual(
    keys('many/a.jsonl', 'many/deep/c.jsonl'),
  )
})

test('texts, CSV and Parquet are read from a bucket too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'retort-test-parquet-'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (SELECT 1 AS id) TO '${folder}/a.parquet'`)
  instance.closeSync()
  await put('kinds/a.parquet', await readFile(join(folder, 'a.parquet')))
  await rm(folder, { recursive: true })
  await put('kinds/a.csv', 'id\n2\n')
  await put('kinds/a.py', 'print()')
  expect(await read('s3://seeds/kinds/a.parquet')).toEqual([{ id: 1 }])
  expect(await read('s3://seeds/kinds/a.csv')).toEqual([{ id: 2 }])
  expect(await read('s3://seeds/kinds/*.py')).toEqual([
    { path: 's3://seeds/kinds/a.py', text: 'print()' },
  ])
})

test('an object that changes behind its fingerprint stops the reading', async () => {
  await put('changing.jsonl', '{"id":1}')
  const request = { dataFiles: 's3://seeds/changing.jsonl' }
  const first = await files.fingerprint(request)
  expect(await files.fingerprint(request)).toBe(first)
  await put('changing.jsonl', '{"id":2}')
  await expect(read(request.dataFiles)).rejects.toMatchObject({
    code: 'source-changed',
    message: expect.stringContaining("'s3://seeds/changing.jsonl'"),
  })
  expect(await files.fingerprint(request)).not.toBe(first)
  await client.send(new DeleteObjectCommand({ Bucket: 'seeds', Key: 'changing.jsonl' }))
  await expect(read(request.dataFiles)).rejects.toMatchObject({ code: 'source-changed' })
})

test.each([
  ['s3://seeds/nothing.jsonl', 'file-missing', "No objects are at 's3://seeds/nothing.jsonl'."],
  ['s3://seeds/no/*.jsonl', 'file-missing', "No objects match 's3://seeds/no/*.jsonl'."],
  ['s3://no-such-bucket/a.jsonl', 'bucket-missing', 's3://no-such-bucket'],
  ['s3://', 'file-missing', "'s3://' names no bucket; an address is s3://bucket/key."],
])('an address that leads nowhere is an error: %s', async (address, code, message) => {
  await expect(read(address)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})

test('without a client of the caller, buckets are found as every AWS tool finds them', async () => {
  await put('found.jsonl', '{"id":1}')
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
  try {
    const { rows } = createSourceFiles({ workingFolder: tmpdir() })
    expect(await Array.fromAsync(rows({ dataFiles: 's3://seeds/found.jsonl' }, signal))).toEqual([
      { id: 1 },
    ])
  } finally {
    vi.unstubAllEnvs()
  }
})
