import type { ImageAnswer, ImageModel } from '../../src/core/image-model.ts'
import type { ImageFiles } from '../image-files.ts'
import type { CalledModel, Paid } from '../model-call.ts'

/** An image that is wanted. */
export interface ImageCall {
  readonly prompt: string
  readonly sampleIndex: number
  readonly priority: number
}

/** The most tokens that a provider of ours counts for making an image. */
const tokensOfImage = 8_000

/** Asks a model for an image, whose file is stored before anybody hears of it. */
export async function callImageModel(
  model: CalledModel,
  images: ImageFiles,
  { prompt, sampleIndex, priority }: ImageCall,
): Promise<Paid<ImageAnswer>> {
  // Only a model of images is registered under the kind that such a step asks.
  const live = model.live as ImageModel
  const { reply, ...paid } = await model.call({
    priority,
    worst: { inputTokens: Buffer.byteLength(prompt), outputTokens: tokensOfImage },
    estimatedTokens: prompt.length / 4 + tokensOfImage / 4,
    attempt: (options) => live.generate({ prompt, sampleIndex }, options),
  })
  const { image, usage, model: answered } = reply
  const key = await images.keep(image)
  const { revisedPrompt } = image
  return {
    ...paid,
    reply: {
      image: key,
      ...(revisedPrompt === undefined ? {} : { revisedPrompt }),
      usage,
      model: answered,
    },
  }
}
