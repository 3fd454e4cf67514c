import { z } from 'zod'

import type { JsonObject } from '../../core/json.ts'
import type { ImageModelSpec } from '../../core/llm-spec.ts'

import { toImageModelDefinition } from '../model-definition.ts'
import type { ProviderOptions } from '../model-params.ts'
import {
  addressSchema,
  extraBodySchema,
  providerOf,
  providerShape,
  toMilliseconds,
} from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

/** Parameters of {@link openAIImageGeneration}; those that are left out are the provider's to choose. */
export interface OpenAIImageGenerationOptions extends Omit<ProviderOptions, 'generationKwargs'> {
  /** The address up to and with `/v1`; `https://api.openai.com/v1` by default. */
  readonly baseURL?: string
  /** `low`, `medium`, `high`, `xhigh`, `max` or `auto`, as far as the model has them; DALL·E has `standard` and `hd`. */
  readonly quality?: string
  /** Width and height, `1024x1024`, or `auto`. */
  readonly size?: string
  /** `vivid` or `natural`; DALL·E 3 alone takes it. */
  readonly style?: 'vivid' | 'natural'
  /** `transparent` wants the format `png` or `webp`; DALL·E has none. */
  readonly background?: 'transparent' | 'opaque' | 'auto'
  /** The format of the image; DALL·E has `png` alone. */
  readonly outputFormat?: 'png' | 'jpeg' | 'webp'
  /** Quality of `jpeg` and `webp`, from 0 to 100. */
  readonly outputCompression?: number
  /** How much is filtered. */
  readonly moderation?: 'low' | 'auto'
  /** How DALL·E sends the image: within its answer, by default, or as an address, from which it is loaded at once. */
  readonly responseFormat?: 'url' | 'b64_json'
  /** Members of the request's body that have no name here, as the provider spells them. */
  readonly extraBody?: JsonObject
}

const openAIBaseURL = 'https://api.openai.com/v1'

const params = z.strictObject({
  ...providerShape,
  baseURL: addressSchema(openAIBaseURL),
  quality: z.string().min(1).optional().describe('How much work goes into an image.'),
  size: z
    .string()
    .regex(/^(auto|\d{2,5}x\d{2,5})$/, "it takes a width and a height, as '1024x1024', or 'auto'")
    .optional()
    .describe("Width and height, '1024x1024', or 'auto'."),
  style: z.enum(['vivid', 'natural']).optional().describe('For DALL·E 3 alone.'),
  background: z
    .enum(['transparent', 'opaque', 'auto'])
    .optional()
    .describe("What is behind the image's subject."),
  outputFormat: z.enum(['png', 'jpeg', 'webp']).optional().describe('The format of the image.'),
  outputCompression: z.int().min(0).max(100).optional().describe('Quality of jpeg and webp.'),
  moderation: z.enum(['low', 'auto']).optional().describe('How much is filtered.'),
  responseFormat: z.enum(['url', 'b64_json']).optional().describe('For DALL·E alone.'),
  extraBody: extraBodySchema(),
})

/** The code of `OpenAIImageGeneration`. */
export const openAIImageGenerationDefinition = toImageModelDefinition({
  type: 'OpenAIImageGeneration',
  factory: 'openAIImageGeneration',
  description: "OpenAI's models, or any server that makes images as it does.",
  params,
  identity: (given) => ({
    provider: given.provider ?? providerOf(given.baseURL ?? openAIBaseURL),
    model: given.model,
    parameters: settingsOf(given),
  }),
  keyVariable: 'OPENAI_API_KEY',
  async create(given, { environment, key, keyVariable }) {
    const { model, baseURL = openAIBaseURL } = given
    const { createOpenAIImages } = await import('./openai-images.ts')
    return createOpenAIImages({
      type: 'OpenAIImageGeneration',
      model,
      baseURL,
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      settings: settingsOf(given),
      responseFormat: given.responseFormat ?? (isDallE(model) ? 'b64_json' : undefined),
    })
  },
})

/**
 * Names a model of OpenAI that makes images, or one of any server that has its `images/generations`.
 *
 * The key is read from the environment variable `OPENAI_API_KEY`, or the one that `apiKeyEnv` names. A prompt has 32,000
 * characters at most, of DALL·E 3 4,000. GPT Image models tell the tokens that an image took; DALL·E tells none, so that
 * nothing is known of its price.
 */
export function openAIImageGeneration(options: OpenAIImageGenerationOptions): ImageModelSpec {
  return toModelSpec(openAIImageGenerationDefinition, options)
}

/** What decides how images look. */
function settingsOf({
  quality,
  size,
  style,
  background,
  outputFormat,
  outputCompression,
  moderation,
  extraBody,
}: z.output<typeof params>): JsonObject {
  const settings = {
    quality,
    size,
    style,
    background,
    outputFormat,
    outputCompression,
    moderation,
    extraBody,
  }
  // What the schema let through is JSON, and members that are absent are taken out.
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as JsonObject
}

/** Models that take a response format, and send an address where they are not told one. */
function isDallE(model: string): boolean {
  return /(^|\/)dall-e/.test(model)
}
