/** How the fake of Google behaves. */
export interface FakeGoogleOptions {
  /** How often a job's status is asked for until it has ended. */
  readonly pollsUntilDone: number
  /** How jobs end. */
  readonly ending: 'SUCCEEDED' | 'FAILED' | 'EXPIRED'
  /** Every so many-th request of a job fails; `null`: none. */
  readonly failEvery: number | null
  /** Google's code for what fails, 13 for a fault. */
  readonly failCode: number
  /** Results stand within the job, and in no file. */
  readonly sendsInline: boolean
  /** How many further jobs are created without a reply: the connection is reset. */
  readonly lostCreateReplies: number
  /** How many further jobs are refused with 503, and not created. */
  readonly refusedCreates: number
  /** Most jobs of one page of a listing. */
  readonly pageSize: number
  /** Has no file's content any more. */
  readonly losesFiles: boolean
  /** Refuses requests with another key. */
  readonly apiKey: string | null
  /** Vectors' lengths where a request names none. */
  readonly dimensions: number
}

/** Everything works, and jobs are done when they are first asked for. */
export const defaultGoogleOptions: FakeGoogleOptions = {
  pollsUntilDone: 1,
  ending: 'SUCCEEDED',
  failEvery: null,
  failCode: 13,
  sendsInline: false,
  lostCreateReplies: 0,
  refusedCreates: 0,
  pageSize: 100,
  losesFiles: false,
  apiKey: null,
  dimensions: 8,
}
