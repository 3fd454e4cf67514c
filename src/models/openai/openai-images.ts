import { RetortError } from '../../core/errors.ts'
import type { ImageModel } from '../../core/image-model.ts'
import { isObject } from '../../core/json.ts'
import type { JsonObject } from '../../core/json.ts'

import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import type { ImageFile, NoImage } from '../image-file.ts'
import { downloadImage, toImageFile } from '../image-file.ts'
import type { OpenAIConnection } from './openai-client.ts'
import { createOpenAIClient } from './openai-client.ts'
import { toUsage } from './wire-usage.ts'

/** A model behind OpenAI's `images/generations`. */
export interface OpenAIImagesOptions extends OpenAIConnection {
  /** What decides how images look. */
  readonly settings: JsonObject
  readonly responseFormat: 'url' | 'b64_json' | undefined
}

const path = '/images/generations'

/** Makes a model live that makes images, one attempt a call. */
export function createOpenAIImages(options: OpenAIImagesOptions): ImageModel {
  const { type, model, settings, responseFormat } = options
  const client = createOpenAIClient(options)
  // Addresses of images are no place of the provider's API, and get no key.
  const web = createDispatcherFetch(options.environment, options.timeouts)
  const call = client.callOf(path)
  return {
    type,
    model,
    isSimulated: false,
    async generate({ prompt }, callOptions) {
      const body = toBody(model, prompt, settings, responseFormat)
      const reply = await client.ask({ path, body, wanted: 'data' }, callOptions)
      const [made] = Array.isArray(reply['data']) ? reply['data'] : []
      const image = imageOr(call, await fileOf(made, web, callOptions?.signal))
      const revised: unknown = isObject(made) ? made['revised_prompt'] : undefined
      return {
        image: {
          ...image,
          ...(typeof revised === 'string' && revised !== '' ? { revisedPrompt: revised } : {}),
        },
        usage: toUsage(reply['usage']),
        model: typeof reply['model'] === 'string' ? reply['model'] : model,
      }
    },
    async close() {
      await Promise.all([client.close(), web.close()])
    },
  }
}

/** The body of a request; members that are `undefined` are left out by JSON. */
function toBody(
  model: string,
  prompt: string,
  settings: JsonObject,
  responseFormat: string | undefined,
): object {
  const { extraBody, outputFormat, outputCompression, ...named } = settings
  return {
    // The schema of the parameters has checked that it is an object.
    ...(extraBody as JsonObject | undefined),
    ...named,
    model,
    prompt,
    n: 1,
    output_format: outputFormat,
    output_compression: outputCompression,
    response_format: responseFormat,
  }
}

async function fileOf(
  made: unknown,
  web: DispatcherFetch,
  signal: AbortSignal | undefined,
): Promise<ImageFile | NoImage> {
  const { b64_json: base64, url } = isObject(made) ? made : {}
  if (typeof base64 === 'string' && base64 !== '') return toImageFile(Buffer.from(base64, 'base64'))
  if (typeof url === 'string' && url !== '') return await downloadImage(web, url, signal)
  return { why: 'is missing', mayCome: false }
}

function imageOr(call: ProviderCall, found: ImageFile | NoImage): ImageFile {
  if ('bytes' in found) return found
  throw new RetortError(
    found.mayCome ? 'provider-unavailable' : 'request-invalid',
    `${call.who} has made no image: what ${call.url} sent ${found.why}.`,
  )
}
