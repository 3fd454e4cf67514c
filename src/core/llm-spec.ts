import type { BatchJobs } from './batch-jobs.ts'
import type { ChatAnswer, ChatRequest } from './chat.ts'
import type { JsonObject } from './json.ts'

/** What the user knows about a model's limits. They are never part of a step's signature. */
export interface LLMLimits {
  /** Calls in flight at once: where the limiter starts, and its ceiling. */
  readonly maxConcurrency?: number
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  /** A name under which models share these limits; by default provider, credential and model. */
  readonly group?: string
}

/** What a model is for: to answer, to turn texts into vectors, to make images. */
export type ModelKind = 'llm' | 'embeddings' | 'images'

/** How a pipeline names a model of any kind: JSON that a worker makes live. */
export interface ModelSpec<out Kind extends ModelKind = ModelKind> {
  readonly type: string
  readonly params: JsonObject
  readonly limits?: LLMLimits
  /** What its tokens cost, where the built-in table does not know or not say it right; never part of a signature. */
  readonly prices?: LLMPrices
  /** Where a type that is not built in is defined, as a path relative to the pipeline's spec. */
  readonly module?: string
  /** The name under which `module` exports it. */
  readonly export?: string
  /** Phantom; never present at run time. */
  readonly kind?: Kind
}

/** How a pipeline names a model that answers. */
export type LLMSpec = ModelSpec<'llm'>

/** How a pipeline names a model that turns texts into vectors. */
export type EmbeddingsSpec = ModelSpec<'embeddings'>

/** How a pipeline names a model that makes images. */
export type ImageModelSpec = ModelSpec<'images'>

/** Prices of a model in US dollars. */
export interface LLMPrices {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
  /** Input that the provider has at hand from an earlier call; as other input where it is left out. */
  readonly cachedInputUsdPerMillion?: number
}

/** What a provider's reply says about one of its limits. */
export interface RateLimitQuota {
  /** Units a window holds, as the provider counts them. */
  readonly limit: number | undefined
  /** Units that are left. */
  readonly remaining: number | undefined
  /** Milliseconds until the window is full again. */
  readonly resetMs: number | undefined
  /** Milliseconds that a window lasts, where the provider says it. */
  readonly windowMs?: number
}

/** What a provider's reply says about its limits. */
export interface RateLimitReport {
  readonly requests: RateLimitQuota | undefined
  readonly tokens: RateLimitQuota | undefined
}

/** Parameters of generation that every adapter understands; further ones are the provider's own. */
export interface GenerationKwargs {
  readonly temperature?: number
  readonly topP?: number
  /** Most tokens of an answer; 2,048 by default. */
  readonly maxNewTokens?: number
  readonly stop?: string | readonly string[]
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
}

/** What a call of any model may need beside the request. */
export interface CallOptions {
  readonly signal?: AbortSignal
  /** Told what each reply, good or bad, says about the provider's limits, before the call returns or throws. */
  readonly onRateLimit?: (report: RateLimitReport) => void
}

/** What one call may need beside the request. */
export interface ChatOptions extends CallOptions {
  /** What the task itself gives as an example answer; only a simulated model asks for it. */
  readonly example?: () => string
}

/** What every live model has. */
export interface LiveModel {
  readonly type: string
  /** The model's name as the provider knows it. */
  readonly model: string
  readonly isSimulated: boolean
  close?(): Promise<void>
}

/**
 * A live model that answers.
 *
 * `chat` makes one attempt and throws a `RetortError` whose verdict says what follows; waiting
 * and repeating is the limiter's work.
 */
export interface LLM extends LiveModel {
  /** How many answers to one request it gives at once; 1 where it is left out. */
  readonly mostChoices?: number
  chat(request: ChatRequest, options?: ChatOptions): Promise<ChatAnswer>
  /** Its provider's batch jobs, where there are any. */
  readonly jobs?: BatchJobs
}
