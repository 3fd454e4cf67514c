import { LLMock } from '@copilotkit/aimock'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import type { ImageModel } from '../../../src/core/image-model.ts'
import { mostImageBytes } from '../../../src/models/image-file.ts'
import type { OpenAIImageGenerationOptions } from '../../../src/models/openai/openai-image-generation.ts'
import {
  openAIImageGeneration,
  openAIImageGenerationDefinition,
} from '../../../src/models/openai/openai-image-generation.ts'
import { testImages } from '../conformance/images-conformance.ts'
import { beginnings, png } from '../images.ts'
import type { RouteReply, RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'

const key = 'test-key-0123456789'
const made = { created: 1, data: [{ b64_json: png.toString('base64') }] }
let reply: RouteReply | undefined
let server: RouteServer
const models: ImageModel[] = []

beforeAll(async () => {
  server = await startRouteServer(({ path }, url) => {
    if (path === '/image.png') return { body: png }
    if (path === '/busy') return { status: 503, body: 'Later' }
    const body = JSON.parse(JSON.stringify(reply?.body ?? made).replaceAll('HERE', url))
    return { ...reply, body }
  })
})
beforeEach(() => {
  reply = undefined
})
afterEach(async () => {
  for (const model of models.splice(0)) await model.close?.()
})
afterAll(() => server.close())

async function create(options: Partial<OpenAIImageGenerationOptions> = {}) {
  const spec = openAIImageGeneration({
    model: 'gpt-image-2',
    baseURL: `${server.url}/v1`,
    apiKeyEnv: 'K',
    ...options,
  })
  return await openAIImageGenerationDefinition.create(spec, { K: key })
}

testImages(() => create())

async function generate(options: Partial<OpenAIImageGenerationOptions> = {}) {
  const model = await create(options)
  models.push(model)
  return await model.generate({ prompt: 'A retort', sampleIndex: 0 })
}

async function failure(odd: RouteReply, options?: Partial<OpenAIImageGenerationOptions>) {
  reply = odd
  return await generate(options).then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('an image comes within the answer, with the tokens that it took', async () => {
  const usage = {
    input_tokens: 12,
    output_tokens: 4160,
    total_tokens: 4172,
    input_tokens_details: { text_tokens: 12, image_tokens: 0 },
  }
  reply = { body: { ...made, usage } }
  const { image, ...rest } = await generate()
  expect(Buffer.from(image.bytes).equals(png)).toBe(true)
  expect(image).toEqual({ bytes: expect.anything(), mediaType: 'image/png' })
  expect(rest).toEqual({ usage: { inputTokens: 12, outputTokens: 4160 }, model: 'gpt-image-2' })
})

test('an image that comes as an address is loaded at once, without the key', async () => {
  reply = { body: { data: [{ url: 'HERE/image.png', revised_prompt: 'A glass retort' }] } }
  const { image, usage } = await generate({ model: 'dall-e-3', responseFormat: 'url' })
  expect(image).toMatchObject({ mediaType: 'image/png', revisedPrompt: 'A glass retort' })
  expect(usage).toEqual({ inputTokens: 0, outputTokens: 0 })
  const [asked, loaded] = server.calls.slice(-2)
  expect(asked?.headers['authorization']).toBe(`Bearer ${key}`)
  expect(loaded).toMatchObject({ method: 'GET', path: '/image.png' })
  expect(loaded?.headers).not.toHaveProperty('authorization')
})

test('every parameter goes out under its name on the wire', async () => {
  await generate({
    quality: 'high',
    size: '1024x1536',
    background: 'opaque',
    outputFormat: 'webp',
    outputCompression: 80,
    moderation: 'low',
    extraBody: { complexity: 'low' },
  })
  expect(server.calls.at(-1)).toMatchObject({ path: '/v1/images/generations' })
  expect(server.calls.at(-1)?.body).toEqual({
    model: 'gpt-image-2',
    prompt: 'A retort',
    n: 1,
    quality: 'high',
    size: '1024x1536',
    background: 'opaque',
    output_format: 'webp',
    output_compression: 80,
    moderation: 'low',
    complexity: 'low',
  })
  await generate({ model: 'dall-e-3', style: 'natural' })
  expect(server.calls.at(-1)?.body).toMatchObject({ style: 'natural', response_format: 'b64_json' })
})

test.for([
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
] as const)('the bytes of a %s tell its type', async ([name, mediaType]) => {
  reply = { body: { data: [{ b64_json: beginnings[name].toString('base64') }] } }
  expect((await generate()).image.mediaType).toBe(mediaType)
})

test.for([
  ['nothing', { data: [] }, 'is missing'],
  ['no image', { data: [{ revised_prompt: 'x' }] }, 'is missing'],
  ['a text', { data: [{ b64_json: 'aGVsbG8=' }] }, 'is no PNG, JPEG, WebP or GIF image'],
  ['an address of nothing', { data: [{ url: 'file:///etc/hosts' }] }, 'has no address of the web'],
] as const)('%s in the place of an image rejects the row', async ([, body, why]) => {
  const error = await failure({ body })
  expect(error).toMatchObject({ code: 'request-invalid', verdict: 'reject' })
  expect(String(error)).toBe(
    `RetortError: OpenAIImageGeneration 'gpt-image-2' has made no image: what ${server.url}/v1/images/generations sent ${why}.`,
  )
})

test('an image that is too large rejects the row', async () => {
  const base64 = Buffer.alloc(mostImageBytes + 1).toString('base64')
  const error = await failure({ body: { data: [{ b64_json: base64 }] } })
  expect(String(error)).toContain('sent is larger than the 50 MB that an image may have.')
})

test('an image that cannot be loaded now is asked for again', async () => {
  const error = await failure({ body: { data: [{ url: 'HERE/busy' }] } })
  expect(error).toMatchObject({ code: 'provider-unavailable', verdict: 'retry' })
  expect(String(error)).toContain('was answered with 503')
})

test.for([
  [400, { error: { message: 'Unsafe', code: 'moderation_blocked' } }, 'content-filter'],
  [400, { error: { message: 'Unsafe', code: 'content_policy_violation' } }, 'content-filter'],
  [401, { error: { message: `Incorrect key ${key}` } }, 'authentication'],
  [404, { error: { message: 'No such', code: 'model_not_found' } }, 'model-unknown'],
  [404, { detail: 'Not Found' }, 'endpoint-wrong'],
  [429, { error: { message: 'No', code: 'insufficient_quota' } }, 'quota'],
  [500, {}, 'provider-unavailable'],
  [200, '<html>Welcome</html>', 'endpoint-wrong'],
  [200, { error: { message: 'Slow down', code: 429 } }, 'rate-limited'],
] as const)('%i with %o becomes %s', async ([status, body, code]) => {
  const error = await failure({ status, body })
  expect(error).toMatchObject({ name: 'RetortError', code })
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(key)
})

test('what decides how images look is its identity', () => {
  const spec = openAIImageGeneration({ model: 'gpt-image-2', size: 'auto', apiKeyEnv: 'OTHER' })
  expect(openAIImageGenerationDefinition.identity(spec)).toEqual({
    provider: 'https://api.openai.com/v1',
    model: 'gpt-image-2',
    parameters: { size: 'auto' },
  })
  expect(() =>
    openAIImageGenerationDefinition.identity({ ...spec, params: { model: 'x', size: 'big' } }),
  ).toThrow(/'size' .* is "big": it takes a width and a height/)
})

test('another fake of OpenAI understands it', async () => {
  const mock = new LLMock({ port: 0 })
  mock.onImage('A retort', { image: { b64Json: png.toString('base64') } })
  const { image } = await generate({ baseURL: `${await mock.start()}/v1` })
  expect(image.mediaType).toBe('image/png')
  await mock.stop()
})
