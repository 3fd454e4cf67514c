import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../../src/storage/open-store.ts'

test.each([
  ['file:data', `file:${resolve('data')}`],
  ['file:./data', `file:${resolve('data')}`],
  ['file:/srv/data', 'file:/srv/data'],
  ['file:///srv/my%20data', 'file:/srv/my data'],
  ['data/here', `file:${resolve('data/here')}`],
  ['/srv/my data', 'file:/srv/my data'],
  ['~/data', `file:${join(homedir(), 'data')}`],
  ['file:~/data', `file:${join(homedir(), 'data')}`],
  ['.', `file:${resolve('.')}`],
  ['s3://bucket', 's3://bucket'],
  ['s3://bucket/', 's3://bucket'],
  ['s3://my.bucket-1/some/prefix/', 's3://my.bucket-1/some/prefix'],
])('%j opens the store %j', async (given, uri) => {
  const store = await openStore(given)
  expect(store.uri).toBe(uri)
  await store.close?.()
})

test.each([
  '',
  'file:',
  'file://elsewhere/data',
  'gs://bucket/prefix',
  'https://example.com/bucket',
  's3:bucket',
  's3://',
  's3://Bucket/prefix',
  's3://bucket/a b',
  's3://bucket//a',
])('%j is refused in one sentence', async (given) => {
  await expect(openStore(given)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^Store '.*' is neither a folder \(file:path\) nor a bucket/),
  })
})
