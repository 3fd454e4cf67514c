import { OpenAI, toFile } from 'openai'
import { afterEach, expect, test } from 'vitest'

import type { FakeBatchesOptions } from './batch-options.ts'
import { type FakeBatches, startFakeBatches } from './fake-batches.ts'
import { spawnFakeBatches } from './spawn-fake-batches.ts'

// OpenAI's own client finds in the fake what it finds at OpenAI.
const servers: Pick<FakeBatches, 'close'>[] = []
const window = { completion_window: '24h', endpoint: '/v1/chat/completions' } as const

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(options: Partial<FakeBatchesOptions> = {}) {
  const server = await startFakeBatches(options)
  servers.push(server)
  const client = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, maxRetries: 0 })
  return { server, client }
}

async function submit(client: OpenAI, ids: readonly string[]) {
  const lines = ids.map((id) =>
    JSON.stringify({
      custom_id: id,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'm', messages: [{ role: 'user', content: `Ask ${id}` }] },
    }),
  )
  const file = await client.files.create({
    file: await toFile(Buffer.from(`${lines.join('\n')}\n`), 'input.jsonl'),
    purpose: 'batch',
  })
  return client.batches.create({ ...window, input_file_id: file.id, metadata: { whose: 'mine' } })
}

async function resultsOf(client: OpenAI, file: string | null | undefined) {
  const text = await (await client.files.content(file ?? '')).text()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { custom_id: string; response: unknown; error: unknown })
}

test('a job goes from validation to its results', async () => {
  const { server, client } = await start({ pollsUntilDone: 2 })
  const created = await submit(client, ['a', 'b'])
  expect(created).toMatchObject({ status: 'validating', metadata: { whose: 'mine' } })
  expect(await client.batches.retrieve(created.id)).toMatchObject({
    status: 'in_progress',
    request_counts: { total: 2, completed: 1 },
  })
  const done = await client.batches.retrieve(created.id)
  expect(done).toMatchObject({ status: 'completed', error_file_id: null })
  const results = await resultsOf(client, done.output_file_id)
  expect(results.map(({ custom_id: id }) => id)).toEqual(['a', 'b'])
  expect(results[0]).toMatchObject({
    response: { status_code: 200, body: { object: 'chat.completion' } },
    error: null,
  })
  expect(server.stats()).toMatchObject({
    submissions: 1,
    uploads: 1,
    polls: 2,
    requestsById: { a: 1, b: 1 },
    duplicates: 0,
  })
})

test('what expires has a line of its own, and so has what fails', async () => {
  const { client } = await start({ expireAfter: 3, failEvery: 2 })
  const { id } = await submit(client, ['a', 'b', 'c', 'd'])
  const done = await client.batches.retrieve(id)
  expect(done).toMatchObject({
    status: 'expired',
    request_counts: { total: 4, completed: 2, failed: 1 },
  })
  expect(await resultsOf(client, done.output_file_id)).toMatchObject([
    { custom_id: 'a' },
    { custom_id: 'c' },
  ])
  expect(await resultsOf(client, done.error_file_id)).toMatchObject([
    { custom_id: 'b', response: { status_code: 500 }, error: null },
    { custom_id: 'd', response: null, error: { code: 'batch_expired' } },
  ])
})

test('an id that comes twice in one job fails it, and one in two jobs counts as submitted twice', async () => {
  const { server, client } = await start()
  const { id } = await submit(client, ['a', 'a'])
  expect(await client.batches.retrieve(id)).toMatchObject({
    status: 'failed',
    errors: { data: [{ code: 'duplicate_custom_id', line: 2 }] },
  })
  await submit(client, ['b'])
  await submit(client, ['b'])
  expect(server.stats()).toMatchObject({ requestsById: { b: 2 } })
})

test('jobs are listed from the newest on, page by page', async () => {
  const { client } = await start({ pageSize: 2 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) await submit(client, [id])
  const ids: string[] = []
  for await (const batch of client.batches.list()) ids.push(batch.id)
  expect(ids).toEqual(['batch_5', 'batch_4', 'batch_3', 'batch_2', 'batch_1'])
})

test('a job whose reply is lost exists, and one that is cancelled ends', async () => {
  const { server, client } = await start({ lostCreateReplies: 1, pollsUntilDone: 5 })
  await expect(submit(client, ['a'])).rejects.toThrow('Connection error')
  const [batch] = (await client.batches.list()).data
  expect(batch).toMatchObject({ metadata: { whose: 'mine' } })
  expect(await client.batches.cancel(batch?.id ?? '')).toMatchObject({ status: 'cancelling' })
  expect(await client.batches.retrieve(batch?.id ?? '')).toMatchObject({ status: 'cancelled' })
  expect(server.stats()).toMatchObject({ submissions: 1, cancels: 1 })
})

test.for(['upload', 'create', 'status', 'results', 'cancel'] as const)(
  'a request for %s is done and held',
  async (holdAt) => {
    const { server, client } = await start({ pollsUntilDone: 1 })
    const { id } = await submit(client, ['a', 'b'])
    if (holdAt !== 'cancel') await client.batches.retrieve(id)
    server.set({ holdAt })
    const options = { timeout: 100 }
    const held = {
      upload: () =>
        client.files.create({ file: new File(['x'], 'x.jsonl'), purpose: 'batch' }, options),
      create: () => client.batches.create({ ...window, input_file_id: 'file-1' }, options),
      status: () => client.batches.retrieve(id, options),
      cancel: () => client.batches.cancel(id, options),
      results: async () => {
        const signal = AbortSignal.timeout(200)
        return (await client.files.content(`file-output-${id}`, { signal })).text()
      },
    }
    await expect(held[holdAt]()).rejects.toThrow(/abort|timed out/i)
    expect(server.stats().held).toBe(1)
    const done = { upload: { uploads: 2 }, create: { submissions: 2 }, cancel: { cancels: 1 } }
    expect(server.stats()).toMatchObject({ status: {}, results: {}, ...done }[holdAt])
  },
)

test('it makes vectors, images and answers online', async () => {
  const { server, client } = await start()
  const { data } = await client.embeddings.create({ model: 'm', input: ['a', 'b'] })
  expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8])
  const raw = { model: 'm', input: 'a', encoding_format: 'float' } as const
  expect((await client.embeddings.create(raw)).data[0]?.embedding).toEqual(data[0]?.embedding)
  await expect(client.embeddings.create({ model: 'm', input: '' })).rejects.toThrow(/400.*invalid/)
  const image = await client.images.generate({ model: 'gpt-image-1', prompt: 'A cat' })
  expect(image.data?.[0]?.b64_json).toEqual(expect.any(String))
  const { data: images } = await client.images.generate({ model: 'dall-e-3', prompt: 'A cat' })
  expect(images?.[0]).toMatchObject({ url: `${server.url}/dot.png` })
  const messages = [{ role: 'user', content: 'Hello' }] as const
  const answer = await client.chat.completions.create({ model: 'm', n: 2, messages: [...messages] })
  expect(answer.choices).toHaveLength(2)
  expect(server.stats()).toMatchObject({ online: 1, embeddingCalls: 3, imageCalls: 2 })
})

test('it runs in a process of its own, and is told what to do there', async () => {
  const fake = await spawnFakeBatches({ pollsUntilDone: 2 })
  servers.push(fake)
  const client = new OpenAI({ apiKey: 'key', baseURL: `${fake.url}/v1`, maxRetries: 0 })
  const { id } = await submit(client, ['a'])
  await fake.set({ pollsUntilDone: 1 })
  expect(await client.batches.retrieve(id)).toMatchObject({ status: 'completed' })
  expect(await fake.stats()).toMatchObject({ submissions: 1, polls: 1 })
  await expect(fake.set({ unknown: 1 } as object)).rejects.toThrow('refused')
})
