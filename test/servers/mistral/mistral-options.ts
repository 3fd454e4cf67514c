/** How the fake of Mistral behaves. */
export interface FakeMistralOptions {
  /** How often a job's status is asked for until it has ended. */
  readonly pollsUntilDone: number
  /** How jobs end. */
  readonly ending: 'SUCCESS' | 'FAILED' | 'TIMEOUT_EXCEEDED'
  /** Every so many-th request of a job fails; `null`: none. */
  readonly failEvery: number | null
  readonly failStatus: number
  /** How many further jobs are created without a reply: the connection is reset. */
  readonly lostCreateReplies: number
  /** How many further jobs are refused with 503, and not created. */
  readonly refusedCreates: number
  /** Has no file's content any more. */
  readonly losesFiles: boolean
  /** Refuses requests with another key. */
  readonly apiKey: string | null
  /** Vectors' lengths where a request names none. */
  readonly dimensions: number
  /** Sends vectors in the reverse of the texts' order; their `index` says whose they are. */
  readonly reversesVectors: boolean
}

/** Everything works, and jobs are done when they are first asked for. */
export const defaultMistralOptions: FakeMistralOptions = {
  pollsUntilDone: 1,
  ending: 'SUCCESS',
  failEvery: null,
  failStatus: 500,
  lostCreateReplies: 0,
  refusedCreates: 0,
  losesFiles: false,
  apiKey: null,
  dimensions: 8,
  reversesVectors: false,
}
