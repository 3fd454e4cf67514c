import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { EmbeddingModel } from '../../../src/core/embedding-model.ts'
import type { OllamaEmbeddingsOptions } from '../../../src/models/ollama/ollama-embeddings.ts'
import {
  ollamaEmbeddings,
  ollamaEmbeddingsDefinition,
} from '../../../src/models/ollama/ollama-embeddings.ts'
import { testEmbeddings } from '../conformance/embeddings-conformance.ts'
import { startOllama } from '../servers/ollama.ts'
import type { RouteReply, RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'

let server: RouteServer
const models: EmbeddingModel[] = []

beforeAll(async () => {
  server = await startOllama()
})
afterEach(async () => {
  for (const model of models.splice(0)) await model.close?.()
})
afterAll(() => server.close())

async function create(options: Partial<OllamaEmbeddingsOptions> = {}): Promise<EmbeddingModel> {
  const spec = ollamaEmbeddings({ model: 'nomic-embed-text', host: server.url, ...options })
  const model = await ollamaEmbeddingsDefinition.create(spec, {})
  models.push(model)
  return model
}

// An Ollama's vectors are of unit length, whatever it is asked.
testEmbeddings(() => create())

async function outcome(reply: RouteReply): Promise<unknown> {
  const odd = await startRouteServer(() => reply)
  const model = await create({ host: odd.url })
  const told = await model.embed({ texts: ['a', 'b'] }).catch((error: unknown) => error)
  await odd.close()
  return told
}

test('texts become vectors in their order, with the tokens that they took', async () => {
  const model = await create()
  const reply = await model.embed({ texts: ['one', 'two', 'one'] })
  const [first, second, third] = reply.vectors
  expect(reply.vectors.every((vector) => vector instanceof Float32Array)).toBe(true)
  expect(first).toEqual(third)
  expect(first).not.toEqual(second)
  expect(first).toHaveLength(8)
  expect(reply).toMatchObject({
    usage: { inputTokens: 9, outputTokens: 0 },
    model: 'nomic-embed-text',
  })
})

test('every parameter goes out under its name on the wire', async () => {
  const model = await create({
    options: { numCtx: 512 },
    keepAlive: 60,
    dimensions: 8,
    truncate: false,
  })
  await model.embed({ texts: ['one'] })
  expect(server.calls.at(-1)).toMatchObject({
    path: '/api/embed',
    body: {
      model: 'nomic-embed-text',
      input: ['one'],
      options: { num_ctx: 512 },
      keep_alive: 60,
      dimensions: 8,
      truncate: false,
    },
  })
})

test('vectors that are too few, empty or unlike one another are refused', async () => {
  for (const embeddings of [
    [[1, 0]],
    [[1, 0], [1]],
    [[], []],
    [[1, 0], 'x'],
    [
      [1, {}],
      [1, 0],
    ],
  ])
    expect(await outcome({ body: { model: 'm', embeddings } })).toMatchObject({
      code: 'request-invalid',
      message: expect.stringMatching(/^OllamaEmbeddings 'nomic-embed-text' got .* from http/),
    })
})

test('a model that was not pulled, or cannot embed, is told', async () => {
  const missing = { error: 'model "nomic-embed-text" not found, try pulling it first' }
  expect(await outcome({ status: 404, body: missing })).toMatchObject({
    code: 'model-unknown',
    message: expect.stringContaining("run 'ollama pull nomic-embed-text'"),
  })
  const unable = { error: 'this model does not support embeddings' }
  expect(await outcome({ status: 501, body: unable })).toMatchObject({
    message: expect.stringContaining('does not support embeddings'),
  })
  expect(await outcome({ body: '<html>Welcome</html>' })).toMatchObject({
    code: 'endpoint-wrong',
    message: expect.stringContaining('check that host'),
  })
})

test('what decides vectors is its identity', () => {
  const spec = ollamaEmbeddings({ model: 'm', dimensions: 256, options: { numGpu: 1, numCtx: 9 } })
  expect(ollamaEmbeddingsDefinition.identity(spec)).toEqual({
    provider: 'http://127.0.0.1:11434',
    model: 'm',
    parameters: { options: { numCtx: 9 }, dimensions: 256 },
  })
})
