import type { ChatAnswer, ChatRequest } from './chat.ts'
import type { LLM, LLMSpec } from './llm-spec.ts'

/** What bounds a call of an inner model. */
export interface InnerOptions {
  readonly signal: AbortSignal | undefined
  readonly example: (() => string) | undefined
  /** Milliseconds since 1970 until which it is repeated. */
  readonly deadline: number
  /** Lower ones are served first. */
  readonly priority: number
}

/** A model within another one: it waits for limits of its own, and repeats what its provider failed at. */
export interface InnerModel {
  readonly live: LLM
  ask(request: ChatRequest, options: InnerOptions): Promise<ChatAnswer>
  close(): Promise<void>
}

/** Makes a model within another one live, with limits that all who ask it keep together. */
export type ConnectInner = (spec: LLMSpec) => Promise<InnerModel>
