import type { ChatMessage, FinishReason } from '../../core/chat.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

/** A model, and how a thread loads it. */
export interface LoadOptions {
  /** The model's type and name, which errors begin with. */
  readonly who: string
  readonly type: string
  readonly task: 'text-generation' | 'feature-extraction'
  /** A folder, or a name on the Hub. */
  readonly source: string
  readonly isLocal: boolean
  readonly revision: string
  readonly cacheDir: string
  /** Address of the Hub. */
  readonly host: string
  readonly dtype?: string | undefined
  readonly device?: string | undefined
  readonly threads?: number | undefined
}

/** How an answer is drawn; the model's own `generation_config.json` says what is left out. */
export interface Drawing {
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly minP?: number | undefined
  readonly doSample?: boolean | undefined
  readonly repetitionPenalty?: number | undefined
  readonly frequencyPenalty?: number | undefined
  readonly presencePenalty?: number | undefined
  readonly seed: number
  readonly maxNewTokens: number
  readonly stops: readonly string[]
}

/** A conversation to be answered. */
export interface WriteRequest {
  readonly messages: readonly ChatMessage[]
  readonly chatTemplate?: string | undefined
  readonly drawing: Drawing
}

/** A text that was written. */
export interface WriteReply {
  readonly text: string
  readonly finishReason: FinishReason
  readonly inputTokens: number
  readonly outputTokens: number
  /** The part of `outputTokens` that was thought and not said. */
  readonly thoughtTokens: number
}

/** How the vectors of a text's tokens become one. */
export type Pooling = 'mean' | 'cls' | 'last'

/** Texts to be turned into vectors. */
export interface EmbedRequest {
  readonly texts: readonly string[]
  readonly pooling: Pooling
}

/** Vectors of texts, one a text. */
export interface EmbedReply {
  readonly vectors: readonly Float32Array[]
  readonly inputTokens: number
}

/** What a thread does, by name: what it is asked, and what it replies. */
export interface ThreadWork {
  readonly write: { readonly request: WriteRequest; readonly reply: WriteReply }
  readonly embed: { readonly request: EmbedRequest; readonly reply: EmbedReply }
}

/** What a thread is told: to do some work, or to leave what it does. */
export type ThreadRequest =
  | {
      readonly [Name in keyof ThreadWork]: {
        readonly id: number
        readonly name: Name
        readonly request: ThreadWork[Name]['request']
      }
    }[keyof ThreadWork]
  | { readonly id: number; readonly name: 'abort' }

/** Facts of a model that is loaded. */
export interface ModelFacts {
  /** Most tokens of a text. */
  readonly maxLength: number
}

/** What a thread says: first, under the id 0, that its model is loaded, and then the outcome of each work. */
export type ThreadReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ThreadError }

/** An error of Retort on its way between threads. */
export interface ThreadError {
  readonly code: ErrorCode
  readonly message: string
  readonly data: JsonObject
  readonly cause: string
}
