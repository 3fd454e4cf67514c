import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createS3Store, type S3StoreOptions } from '../../src/storage/s3-store.ts'
import { checkStore } from '../../src/storage/store-info.ts'
import { findFreePort } from '../servers/free-port.ts'
import { startLosingAnswers } from '../servers/losing-answers.ts'
import { type S3Server, startS3Server } from '../servers/versitygw.ts'
import { testStore } from './store-conformance.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
  await server.createBucket('tests')
}, 600_000)
afterAll(async () => {
  await server.stop()
})

let stores = 0
function optionsOf(changes: Partial<S3StoreOptions> = {}): S3StoreOptions {
  const { endpoint, credentials } = server
  stores += 1
  return { bucket: 'tests', prefix: `store-${stores}/inner`, endpoint, credentials, ...changes }
}

testStore('s3 store', () => createS3Store(optionsOf()))

test('a store may be a whole bucket', async () => {
  await server.createBucket('whole')
  const store = await createS3Store(optionsOf({ bucket: 'whole', prefix: '' }))
  expect(store.uri).toBe('s3://whole')
  await store.putIfAbsent('a/b', Buffer.from('1'))
  for await (const { key } of store.list('')) expect(key).toBe('a/b')
})

test('a bucket that is not there is named', async () => {
  const store = await createS3Store(optionsOf({ bucket: 'nowhere', prefix: 'x' }))
  const missing = {
    code: 'bucket-missing',
    message: expect.stringContaining("Store 's3://nowhere/x'"),
  }
  await expect(store.get('a')).rejects.toMatchObject(missing)
  await expect(store.putIfAbsent('a', Buffer.from('1'))).rejects.toMatchObject(missing)
  await expect(checkStore(store)).rejects.toMatchObject(missing)
})

test.each([
  ['an unknown key', { accessKeyId: 'someone', secretAccessKey: 'else-entirely' }],
  ['a wrong secret', { accessKeyId: 'retort', secretAccessKey: 'else-entirely' }],
])('%s is denied, and no secret is told', async (_, credentials) => {
  const store = await createS3Store(optionsOf({ credentials }))
  const error: unknown = await checkStore(store).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'store-denied',
    message: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
  })
  expect(JSON.stringify(error) + String(error)).not.toContain('else-entirely')
})

test('a server that nobody is at is unavailable, and unreachable at first contact', async () => {
  const endpoint = `http://127.0.0.1:${await findFreePort()}`
  const store = await createS3Store(optionsOf({ endpoint }))
  await expect(store.get('a')).rejects.toMatchObject({ code: 'store-unavailable' })
  await expect(checkStore(store)).rejects.toMatchObject({
    code: 'store-unreachable',
    message: expect.stringMatching(/ECONNREFUSED .*AWS_ENDPOINT_URL_S3/),
  })
})

test('a put whose answer is lost counts as done, though its repetition is refused', async () => {
  const losses = await startLosingAnswers(server.endpoint, 'PUT')
  const store = await createS3Store(optionsOf({ endpoint: losses.endpoint }))
  expect(await store.putIfAbsent('a', Buffer.from('1'))).toBe(true)
  expect(losses.count()).toBe(1)
  expect(await store.putIfAbsent('a', Buffer.from('2'))).toBe(false)
  losses.loseNext()
  const version = (await store.getVersioned('a'))?.version
  expect(await store.compareAndSet('a', Buffer.from('3'), version)).toBeDefined()
  expect(losses.count()).toBe(2)
  losses.loseNext()
  expect(await store.compareAndSet('a', Buffer.from('4'), version)).toBeUndefined()
  await losses.stop()
})

test('a large write whose completion is lost counts as done', async () => {
  const losses = await startLosingAnswers(server.endpoint, 'POST', 'uploadId=')
  const store = await createS3Store(optionsOf({ endpoint: losses.endpoint }))
  const content = Readable.from([Buffer.alloc(9 * 1024 * 1024)])
  expect(await store.writeIfAbsent('large', content)).toBe(true)
  expect(losses.count()).toBe(1)
  await losses.stop()
})

test('a reading goes on where its connection breaks', async () => {
  const losses = await startLosingAnswers(server.endpoint, 'GET', 'x-id=GetObject')
  const store = await createS3Store(optionsOf({ endpoint: losses.endpoint }))
  const content = Buffer.alloc(5 * 1024 * 1024, 'retort')
  await store.putIfAbsent('a', content)
  losses.cutNext()
  const parts: Uint8Array[] = []
  for await (const part of (await store.read('a')) ?? []) parts.push(part)
  expect(Buffer.concat(parts).equals(content)).toBe(true)
  expect(losses.count()).toBe(1)
  await losses.stop()
})

test('the environment alone leads to a store, through a proxy where it names one, and nothing is printed', async () => {
  const losses = await startLosingAnswers(server.endpoint, 'NONE')
  const uri = `s3://tests/${optionsOf().prefix}`
  const elsewhere = { AWS_ENDPOINT_URL_S3: 'http://store.invalid', HTTP_PROXY: losses.endpoint }
  for (const env of [server.env, { ...server.env, ...elsewhere }]) {
    const { stdout, stderr } = await runCheck(uri, env)
    expect(stdout).toMatch(/^[0-9a-f-]{36}$/)
    expect(stderr).toBe('')
  }
  await losses.stop()
})

test('missing credentials are asked for by their variables', async () => {
  const { AWS_ENDPOINT_URL_S3, AWS_REGION } = server.env
  const { stdout, stderr } = await runCheck('s3://tests/x', {
    AWS_ENDPOINT_URL_S3,
    AWS_REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  expect(stdout).toMatch(/^key-missing Store 's3:\/\/tests\/x' .*AWS_ACCESS_KEY_ID/)
  expect(stderr).toBe('')
})

async function runCheck(
  uri: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const script = join(import.meta.dirname, 'check-store.ts')
  return await promisify(execFile)(process.execPath, [script, uri], { env })
}
