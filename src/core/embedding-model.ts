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

/** A live model that turns texts into vectors; `embed` makes one attempt, as `chat` of an `LLM` does. */
export interface EmbeddingModel extends LiveModel {
  /** Most texts of one call. */
  readonly mostTexts: number
  /** Most tokens of all texts of one call. */
  readonly mostTokens: number
  embed(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingReply>
}
