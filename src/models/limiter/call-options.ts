import type { Gate } from './gate.ts'

/** What bounds one call's waiting and repeating. */
export interface CallOptions<T = unknown> {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds since the epoch at which the caller hands its batch back. */
  readonly deadline?: number
  /** Holds up the calls of one run; the limiter's own gate holds up all. */
  readonly gate?: Gate
  /** Tokens that an attempt may use, set aside before it starts. */
  readonly estimatedTokens?: number | undefined
  /** Tokens that an attempt has used. */
  readonly usedTokens?: ((result: T) => number) | undefined
}
