import type { Usage } from './chat.ts'
import type { CallOptions, LiveModel } from './llm-spec.ts'

/** Texts to be turned into vectors by one call. */
export interface EmbeddingRequest {
  /** At least one, none of them empty, and no more than the model takes at once. */
  readonly texts: readonly string[]
}

/** Vectors of texts. */
export interface EmbeddingReply {
  /** One a text, in their order, all of one length. */
  readonly vectors: readonly Float32Array[]
  readonly usage: Usage
  /** The model as the provider names the one that answered. */
  readonly model: string
}

/** The vector of one text, as the journal keeps it. */
export interface EmbeddingAnswer {
  /** Its numbers as 32-bit floats, little-endian, in base64. */
  readonly vector: string
  readonly usage: Usage
  readonly model: string
  /** Whether it came with the call of another text, whose usage says what both took; left out where it did not. */
  readonly isFurther?: true
}

/** A live model that turns texts into vectors; `embed` makes one attempt, as `chat` of an `LLM` does. */
export interface EmbeddingModel extends LiveModel {
  /** Most texts of one call. */
  readonly mostTexts: number
  /** Most tokens of all texts of one call. */
  readonly mostTokens: number
  embed(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingReply>
}
