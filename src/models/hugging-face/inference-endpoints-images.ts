import { RetortError } from '../../core/errors.ts'
import type { ImageModel, MadeImage } from '../../core/image-model.ts'
import type { JsonObject } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'

import { callProvider } from '../http/json-call.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { readReplyBody } from '../http/reply-body.ts'
import { toImageFile } from '../image-file.ts'
import { createEndpointAddress } from './endpoint-address.ts'
import type { EndpointConnection } from './endpoint-manager.ts'
import { createEndpointManager } from './endpoint-manager.ts'
import { inferenceURL } from './inference-url.ts'
import { seedOf } from '../model-params.ts'

/** A model of Hugging Face that makes images. */
export interface InferenceEndpointsImagesOptions extends EndpointConnection {
  /** What decides how images look. */
  readonly settings: JsonObject
}

/** Makes a model live that makes images, one attempt a call. */
export function createInferenceEndpointsImages(
  options: InferenceEndpointsImagesOptions,
): ImageModel {
  const { type, model, settings, place } = options
  const manager = createEndpointManager(options)
  const address = createEndpointAddress(place, manager)
  return {
    type,
    model,
    isSimulated: false,
    async generate({ prompt, sampleIndex }, callOptions) {
      const root = await address.root(callOptions?.signal)
      const url = inferenceURL(place, root, options.wireModel)
      const call = manager.callOf(url)
      const outgoing = {
        url,
        key: manager.key,
        headers: { accept: 'image/png' },
        body: { inputs: prompt, parameters: toParameters(settings, sampleIndex) },
      }
      try {
        const reply = await callProvider(manager.http, call, outgoing, callOptions)
        const image = toImage(call, await reply.bytes())
        return { image, usage: { inputTokens: 0, outputTokens: 0 }, model }
      } catch (error) {
        throw address.afterError(error)
      }
    },
    close: manager.http.close,
  }
}

/** Settings under their names on the wire; the same seed would draw the same image for each of several. */
function toParameters(settings: JsonObject, sampleIndex: number): object {
  return {
    negative_prompt: settings['negativePrompt'],
    height: settings['height'],
    width: settings['width'],
    num_inference_steps: settings['numInferenceSteps'],
    guidance_scale: settings['guidanceScale'],
    seed: seedOf(settings, sampleIndex),
  }
}

function toImage(call: ProviderCall, bytes: Uint8Array): MadeImage {
  const isText = bytes[0] === '{'.charCodeAt(0) || bytes[0] === '<'.charCodeAt(0)
  const found = toImageFile(isText ? imageIn(call, bytes) : bytes)
  if ('bytes' in found) return found
  throw new RetortError(
    'request-invalid',
    `${call.who} has made no image: what ${call.url} sent ${found.why}.`,
  )
}

/** Some servers send the image within JSON, as OpenAI does; a page, or JSON without one, is told as that. */
function imageIn(call: ProviderCall, bytes: Uint8Array): Uint8Array {
  const { data } = readReplyBody(call, toJson(bytes), 'data')
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  const base64 = isObject(first) ? first['b64_json'] : undefined
  return Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64')
}

function toJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
