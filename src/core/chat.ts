import type { JsonObject } from './json.ts'

/** Who says a message of a conversation; `prompt`: nobody, it is a raw text to be continued, and stands alone. */
export type ChatRole = 'system' | 'user' | 'assistant' | 'prompt'

/** A text within a message that holds more than that. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

/** An image within a message. */
export interface ImagePart {
  readonly type: 'image'
  /** `https:`, `data:<media type>;base64,…`, or a file's path or address, which the engine reads before anything is asked. */
  readonly url: string
}

/** A part of a message. */
export type ContentPart = TextPart | ImagePart

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: ChatRole
  readonly content: string | readonly ContentPart[]
}

/** A message that is one text. */
export interface TextMessage extends ChatMessage {
  readonly content: string
}

/** What an answer has to be: JSON that holds a JSON Schema, or a text that a regular expression matches as a whole. */
export type AnswerFormat =
  | { readonly format: 'json'; readonly schema: JsonObject }
  | { readonly format: 'regex'; readonly pattern: string }

/** What a model is asked: a conversation and how to answer it. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[]
  /** Generation parameters under the names of {@link GenerationKwargs}; already merged with the model's own. */
  readonly parameters: JsonObject
  /** Which of several answers to the same conversation this is, from 0; the first of them where it asks for several. */
  readonly sampleIndex: number
  /** How many answers are wanted at once; 1 where it is left out, and never more than the model's `mostChoices`. */
  readonly choices?: number
  /** What the answer has to be; a model that cannot be held to it is told in words. */
  readonly format?: AnswerFormat
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
  /** What was thought counts, too. */
  readonly outputTokens: number
  /** The part of `inputTokens` that the provider had at hand from an earlier call; left out where it is 0. */
  readonly cachedInputTokens?: number
  /** The part of `inputTokens` that the provider was paid to keep at hand; left out where it is 0. */
  readonly cacheWriteTokens?: number
  /** The part of `outputTokens` that was thought and not said; left out where it is 0. */
  readonly reasoningTokens?: number
}

/** How likely a token of an answer was. */
export interface TokenLogprob {
  readonly token: string
  /** Natural logarithm of its probability. */
  readonly logprob: number
  /** The likeliest tokens in its place, likeliest first, where they were asked for. */
  readonly top?: readonly Omit<TokenLogprob, 'top'>[]
}

/** One text that a model answered with. */
export interface ChatChoice {
  /** `null` where the provider sent none, as with a refusal. */
  readonly text: string | null
  readonly finishReason: FinishReason
  /** What the model thought before it answered, where the provider shows it. */
  readonly reasoning?: string
  /** One item a token of the text, where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[]
}

/** What a model answered. */
export interface ChatAnswer {
  readonly choices: readonly ChatChoice[]
  readonly usage: Usage
  /** The model as the provider names the one that answered. */
  readonly model: string
  /** What each model used of several that the answer is made by, in the order of the `parts` of their type. */
  readonly usageOfParts?: readonly Usage[]
  /** Whether it came with the call of another answer, whose usage says what both took; left out where it did not. */
  readonly isFurther?: true
}

/** Makes a system message. */
export function system(content: string): TextMessage {
  return { role: 'system', content }
}

/** Makes a user message, of a text or of texts and images. */
export function user(content: string): TextMessage
export function user(content: string | readonly ContentPart[]): ChatMessage
export function user(content: string | readonly ContentPart[]): ChatMessage {
  return { role: 'user', content }
}

/** Makes an assistant message. */
export function assistant(content: string): TextMessage {
  return { role: 'assistant', content }
}

/** Makes a raw prompt, which a model continues as it stands: no chat template is put around it. */
export function prompt(content: string): TextMessage {
  return { role: 'prompt', content }
}

/** The text of a message, without its images. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}

const mostShownOfImage = 80

/** What a message says, with the addresses of its images in their places. */
export function textWithImages({ content }: ChatMessage): string {
  if (typeof content === 'string') return content
  return content
    .map((part) =>
      part.type === 'text' ? part.text : `[image ${part.url.slice(0, mostShownOfImage)}]`,
    )
    .join('\n')
}

/** Whether a message shows images that are files. */
export function hasFiles(messages: readonly ChatMessage[]): boolean {
  return messages.some((message) => imagesOf(message).some(isFile))
}

/** Whether an image is a file, which nobody but the engine can read. */
export function isFile({ url }: ImagePart): boolean {
  return !/^(https?|data):/.test(url)
}

/** The images of a message. */
export function imagesOf({ content }: ChatMessage): readonly ImagePart[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'image')
}
