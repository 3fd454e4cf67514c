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

/** How a pipeline names a model: JSON that a worker makes live. */
export interface LLMSpec {
  readonly type: string
  readonly params: JsonObject
  readonly limits?: LLMLimits
  /** What its tokens cost, where the built-in table does not know or not say it right; never part of a signature. */
  readonly prices?: LLMPrices
}

/** Prices of a model in US dollars per million tokens. */
export interface LLMPrices {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
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

/** What one call may need beside the request. */
export interface ChatOptions {
  readonly signal?: AbortSignal
  /** What the task itself gives as an example answer; only a simulated model asks for it. */
  readonly example?: () => string
  /** Told what each reply, good or bad, says about the provider's limits, before `chat` returns or throws. */
  readonly onRateLimit?: (report: RateLimitReport) => void
}

/**
 * A live model.
 *
 * `chat` makes one attempt and throws a `RetortError` whose verdict says what follows; waiting
 * and repeating is the limiter's work.
 */
export interface LLM {
  readonly type: string
  /** The model's name as the provider knows it. */
  readonly model: string
  readonly isSimulated: boolean
  chat(request: ChatRequest, options?: ChatOptions): Promise<ChatAnswer>
  close?(): Promise<void>
}
