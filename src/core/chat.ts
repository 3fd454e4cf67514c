import type { JsonObject } from './json.ts'

/** Who says a message of a conversation. */
export type ChatRole = 'system' | 'user' | 'assistant'

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: ChatRole
  readonly content: string
}

/** What a model is asked: a conversation and how to answer it. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[]
  /** Generation parameters under the names of {@link GenerationKwargs}; already merged with the model's own. */
  readonly parameters: JsonObject
  /** Which of several answers to the same conversation this is, from 0. */
  readonly sampleIndex: number
}

/** Why a model ended its answer. */
export type FinishReason =
  | 'stop'
  | 'length'
  | 'content-filter'
  | 'refusal'
  | 'tool-calls'
  | 'unknown'

/** Tokens that a call used, as the provider counts them. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** One text that a model answered with. */
export interface ChatChoice {
  /** `null` where the provider sent none, as with a refusal. */
  readonly text: string | null
  readonly finishReason: FinishReason
}

/** What a model answered. */
export interface ChatAnswer {
  readonly choices: readonly ChatChoice[]
  readonly usage: Usage
  /** The model as the provider names the one that answered. */
  readonly model: string
}

/** Makes a system message. */
export function system(content: string): ChatMessage {
  return { role: 'system', content }
}

/** Makes a user message. */
export function user(content: string): ChatMessage {
  return { role: 'user', content }
}

/** Makes an assistant message. */
export function assistant(content: string): ChatMessage {
  return { role: 'assistant', content }
}
