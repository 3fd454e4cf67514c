import { afterEach, expect, test } from 'vitest'

import type { ImageModel } from '../../../src/core/image-model.ts'
import type { InferenceEndpointsImageGenerationOptions } from '../../../src/models/hugging-face/inference-endpoints-image-generation.ts'
import {
  inferenceEndpointsImageGeneration,
  inferenceEndpointsImageGenerationDefinition,
} from '../../../src/models/hugging-face/inference-endpoints-image-generation.ts'
import { mostImageBytes } from '../../../src/models/image-file.ts'
import { testImages } from '../conformance/images-conformance.ts'
import { beginnings, png } from '../images.ts'
import { startHuggingFace } from '../servers/hugging-face.ts'
import type { RouteReply, RouteServer } from '../servers/route-server.ts'
import { startRouteServer } from '../servers/route-server.ts'

const key = 'hf_0123456789abcdefghij'
const closing: { close?(): Promise<void> }[] = []

afterEach(async () => {
  for (const part of closing.splice(0)) await part.close?.()
})

async function start(reply?: RouteReply): Promise<RouteServer> {
  const server = await (reply === undefined ? startHuggingFace() : startRouteServer(() => reply))
  closing.push(server)
  return server
}

async function create(options: InferenceEndpointsImageGenerationOptions): Promise<ImageModel> {
  const spec = inferenceEndpointsImageGeneration(options)
  const model = await inferenceEndpointsImageGenerationDefinition.create(spec, { HF_TOKEN: key })
  closing.push(model)
  return model
}

testImages(async () => {
  const { url } = await start()
  return await create({ baseURL: url, modelId: 'owner/model' })
})

const asked = { prompt: 'A retort', sampleIndex: 0 }

async function outcome(reply: RouteReply): Promise<unknown> {
  const { url } = await start(reply)
  const model = await create({ baseURL: url, modelId: 'owner/model' })
  return await model.generate(asked).catch((error: unknown) => error)
}

test('an image comes as bytes, and every parameter goes out under its name on the wire', async () => {
  const server = await start()
  const model = await create({
    baseURL: `${server.url}/v1`,
    modelId: 'owner/model',
    negativePrompt: 'people',
    height: 512,
    width: 768,
    numInferenceSteps: 20,
    guidanceScale: 7.5,
    seed: 3,
  })
  const reply = await model.generate({ prompt: 'A retort', sampleIndex: 2 })
  expect(Buffer.from(reply.image.bytes).equals(png)).toBe(true)
  expect(reply).toMatchObject({
    image: { mediaType: 'image/png' },
    usage: { inputTokens: 0, outputTokens: 0 },
    model: 'owner/model',
  })
  expect(server.calls).toMatchObject([
    {
      method: 'POST',
      path: '/',
      headers: { authorization: `Bearer ${key}` },
      body: {
        inputs: 'A retort',
        parameters: {
          negative_prompt: 'people',
          height: 512,
          width: 768,
          num_inference_steps: 20,
          guidance_scale: 7.5,
          seed: 5,
        },
      },
    },
  ])
})

test('an endpoint is found by its name', async () => {
  const server = await start()
  const model = await create({
    endpointName: 'mine',
    endpointNamespace: 'me',
    endpointsURL: `${server.url}/v2/`,
  })
  expect(await model.generate(asked)).toMatchObject({ model: 'me/mine' })
  await model.generate(asked)
  expect(server.calls.map(({ path }) => path)).toEqual(['/v2/endpoint/me/mine', '/', '/'])
})

test('an image within JSON is taken out of it', async () => {
  const data = [{ b64_json: beginnings.jpeg.toString('base64') }]
  expect(await outcome({ body: { data } })).toMatchObject({ image: { mediaType: 'image/jpeg' } })
})

test.for<[RouteReply, string, string]>([
  [{ body: Buffer.alloc(0) }, 'request-invalid', 'sent is empty'],
  [{ body: Buffer.from('hello') }, 'request-invalid', 'is no PNG, JPEG, WebP or GIF image'],
  [{ body: { data: [] } }, 'request-invalid', 'sent is empty'],
  [{ body: '<html>Welcome</html>' }, 'endpoint-wrong', 'got a web page instead of an answer'],
  [{ body: { error: 'CUDA out of memory' } }, 'provider-unavailable', 'CUDA out of memory'],
  [
    { status: 401, body: { error: `Bad key ${key}` } },
    'authentication',
    'check the key in HF_TOKEN',
  ],
  [{ status: 402, body: { error: 'You have exceeded your credits' } }, 'quota', 'left to spend'],
  [
    { status: 400, body: { error: 'Model owner/model not supported by provider hf-inference' } },
    'model-unknown',
    'not supported by provider',
  ],
  [
    { status: 400, body: { error: 'Bad Request: Invalid state: endpoint is paused' } },
    'endpoint-wrong',
    'endpoint is paused; start it, or name it by endpointName',
  ],
  [
    { status: 503, body: { error: 'Model is loading', estimated_time: 20 } },
    'provider-unavailable',
    'Model is loading',
  ],
])('%j becomes %s: %s', async ([reply, code, words]) => {
  const error = await outcome(reply)
  expect(error).toMatchObject({ name: 'RetortError', code })
  expect(String(error)).toContain("InferenceEndpointsImageGeneration 'owner/model'")
  expect(String(error)).toContain(words)
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(key)
})

test('an image that is too large rejects the row', async () => {
  const error = await outcome({ body: Buffer.alloc(mostImageBytes + 1) })
  expect(error).toMatchObject({ code: 'request-invalid', verdict: 'reject' })
  expect(String(error)).toContain('is larger than the 50 MB that an image may have')
})

test('models of the Hub are asked at the provider hf-inference', () => {
  const spec = inferenceEndpointsImageGeneration({ modelId: 'owner/model', width: 64 })
  expect(inferenceEndpointsImageGenerationDefinition.identity(spec)).toEqual({
    provider: 'https://router.huggingface.co',
    model: 'owner/model',
    parameters: { width: 64 },
  })
  expect(inferenceEndpointsImageGenerationDefinition.keyVariable(spec)).toBe('HF_TOKEN')
})
