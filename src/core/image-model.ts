import type { Usage } from './chat.ts'
import type { CallOptions, LiveModel } from './llm-spec.ts'

/** What addresses of files in the store begin with. */
export const storeScheme = 'store:'

/** An image to be made. */
export interface ImageRequest {
  readonly prompt: string
  /** Which of several images to the same prompt this is, from 0. */
  readonly sampleIndex: number
}

/** An image that a model made. */
export interface MadeImage {
  readonly bytes: Uint8Array
  /** `image/png`, `image/jpeg` or `image/webp`, as the bytes themselves say. */
  readonly mediaType: string
  /** The prompt that the provider made of the one that was sent, where it says so. */
  readonly revisedPrompt?: string
}

/** What a model answered. */
export interface ImageReply {
  readonly image: MadeImage
  readonly usage: Usage
  /** The model as the provider names the one that answered. */
  readonly model: string
}

/** An image, as the journal keeps it. */
export interface ImageAnswer {
  /** Where its file is: {@link storeScheme}, then its key in the store. */
  readonly image: string
  readonly revisedPrompt?: string
  readonly usage: Usage
  readonly model: string
}

/** A live model that makes images; `generate` makes one attempt, as `chat` of an `LLM` does. */
export interface ImageModel extends LiveModel {
  generate(request: ImageRequest, options?: CallOptions): Promise<ImageReply>
}
