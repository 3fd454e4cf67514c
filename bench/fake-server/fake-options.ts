import type { IncomingHttpHeaders } from 'node:http'

/** What the fake provider sends in the place of an answer. */
export interface FakeReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown
}

/** One request as the fake provider read it. */
export interface FakeCall {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly authorization: string | undefined
  /** The JSON that was sent; `undefined` where it was none. */
  readonly body: unknown
  readonly model: string
  /** The last user message. */
  readonly prompt: string
  /** The first user message; another one than the last where an answer is asked again. */
  readonly firstPrompt: string
  /** Whether JSON is asked for: by its schema, or as arguments of a tool. */
  readonly wantsJson: boolean
  /** Number of the request, from 0. */
  readonly index: number
}

/** How another provider's API than OpenAI's looks, where its requests have `messages` as well. */
export interface FakeWire {
  /** What the path of a request ends in. */
  readonly path: string
  /** A whole answer; cut off where a reason says so. */
  body(call: FakeCall, text: string, isCutOff: boolean): FakeBody
}

/** What an answer costs, as the fake provider counts it. */
export interface FakeUsage {
  readonly input: number
  readonly output: number
}

/** An answer on the wire, and what it costs. */
export interface FakeBody {
  readonly body: string
  readonly usage: FakeUsage
}

/** How the fake provider behaves; shares are parts of all requests, from 0 to 1. */
export interface FakeOptions {
  readonly latencyMs: number
  /** Seed of the draws that decide which requests fail. */
  readonly seed: number
  /** Requests that end in `errorStatus`. */
  readonly errorShare: number
  readonly errorStatus: number
  /** Requests that end in 429. */
  readonly rateLimitShare: number
  /** Seconds that a 429 asks to wait; none are named where it is `null`. */
  readonly retryAfterSeconds: number | null
  /** Requests that never get an answer. */
  readonly hangShare: number
  /** Requests whose connection is reset. */
  readonly resetShare: number
  /** Requests whose connection ends in the middle of the reply. */
  readonly truncatedShare: number
  /** Requests whose reply falls silent in the middle, for good. */
  readonly stallShare: number
  /** Answers that end in the middle. */
  readonly cutOffShare: number
  /** What such an answer says of its end; with `stop` it claims to be whole. */
  readonly cutOffFinishReason: 'length' | 'stop'
  /** Ends every connection that brings a request, and those that are open when it begins. */
  readonly isDown: boolean
  /** Answers since the last reset of the counts, after which the account is empty and gets 429. */
  readonly quotaAnswers: number | null
  /** A real limit; what exceeds it gets 429 with the seconds to wait. */
  readonly requestsPerMinute: number | null
  /** Says in OpenAI's headers how the limit of requests stands. */
  readonly rateLimitHeaders: boolean
  /** Refuses requests with another key. */
  readonly apiKey: string | null
  /** Repeats the caller's key in every error. */
  readonly echoKeyInErrors: boolean
  /** Refuses other models as unknown, and lists these. */
  readonly models: readonly string[] | null
  /** Answers with JSON, `{"answer": text, "score": 1 to 5}`. */
  readonly answerJson: boolean
  /** Answers to the first user message, so that asking again brings what asking once would have brought. */
  readonly answersFirstPrompt: boolean
  /** Sent to every request in the place of an answer. */
  readonly reply: FakeReply | null
  /** Makes the text of an answer, or of one of several; only within the same process. */
  readonly answer: ((prompt: string, call: FakeCall, choice: number) => string) | null
  /** What it thinks before each answer, and tells apart from it. */
  readonly thoughts: string | null
  /** Speaks another API than that of chat completions; only within the same process. */
  readonly wire: FakeWire | null
  /** Replies to a request in the place of an answer, where it returns one; only within the same process. */
  readonly respond: ((call: FakeCall) => FakeReply | undefined) | null
}

/** A provider that answers everything at once. */
export const defaultFakeOptions: FakeOptions = {
  latencyMs: 0,
  seed: 1,
  errorShare: 0,
  errorStatus: 500,
  rateLimitShare: 0,
  retryAfterSeconds: 1,
  hangShare: 0,
  resetShare: 0,
  truncatedShare: 0,
  stallShare: 0,
  cutOffShare: 0,
  cutOffFinishReason: 'length',
  isDown: false,
  quotaAnswers: null,
  requestsPerMinute: null,
  rateLimitHeaders: false,
  apiKey: null,
  echoKeyInErrors: false,
  models: null,
  answerJson: false,
  answersFirstPrompt: false,
  reply: null,
  answer: null,
  thoughts: null,
  wire: null,
  respond: null,
}
