import type { FakeReply } from '../../../bench/fake-server/fake-options.ts'

/** How the fake of OpenAI's Batch API behaves. */
export interface FakeBatchesOptions {
  /** How often a job's status is asked for until it has ended. */
  readonly pollsUntilDone: number
  /** Jobs expire after that many of their requests; `null`: never. */
  readonly expireAfter: number | null
  /** Every so many-th request of a job fails; `null`: none. */
  readonly failEvery: number | null
  readonly failStatus: number
  /** What validation says of every job, so that it fails before it starts; `null`: only what is wrong. */
  readonly validationError: string | null
  /** How many further jobs are created without a reply: the connection is reset. */
  readonly lostCreateReplies: number
  /** How many further files are taken without a reply. */
  readonly lostUploadReplies: number
  /** How many further jobs are refused with 503, and not created. */
  readonly refusedCreates: number
  /**
   * Does what one kind of request asks, and never replies, so that the caller can be killed then; of results half the
   * lines are sent.
   */
  readonly holdAt: 'upload' | 'create' | 'status' | 'results' | 'cancel' | null
  /** How many further listings leave out the newest job. */
  readonly staleLists: number
  /** Forgets metadata, as servers do that only resemble OpenAI's. */
  readonly dropsMetadata: boolean
  /** Most jobs of one page of a listing. */
  readonly pageSize: number
  /** Results of jobs come in the reverse of the requests' order. */
  readonly reversesResults: boolean
  /** Has no file's content any more. */
  readonly losesFiles: boolean
  /** Answers have no choices. */
  readonly emptiesChoices: boolean
  /** Refuses requests with another key. */
  readonly apiKey: string | null
  /** Vectors' lengths where a request names none. */
  readonly dimensions: number
  /** Sends vectors as numbers, whatever a request asks for. */
  readonly ignoresEncodingFormat: boolean
  /** Sends vectors in the reverse of the texts' order; their `index` says whose they are. */
  readonly reversesVectors: boolean
  /** Sends images as addresses on this server, whatever a request asks for. */
  readonly sendsImageAddresses: boolean
  /** Sent in the place of every reply, but for what this server's controls say. */
  readonly reply: FakeReply | null
  /** Makes the text of an answer; only within the same process. */
  readonly answer: ((prompt: string) => string) | null
  /** Told of each request for vectors; only within the same process. */
  readonly onEmbed: ((body: unknown) => void) | null
}

/** Everything works, and jobs are done when they are first asked for. */
export const defaultBatchesOptions: FakeBatchesOptions = {
  pollsUntilDone: 1,
  expireAfter: null,
  failEvery: null,
  failStatus: 500,
  validationError: null,
  lostCreateReplies: 0,
  lostUploadReplies: 0,
  refusedCreates: 0,
  holdAt: null,
  staleLists: 0,
  dropsMetadata: false,
  pageSize: 100,
  reversesResults: false,
  losesFiles: false,
  emptiesChoices: false,
  apiKey: null,
  dimensions: 8,
  ignoresEncodingFormat: false,
  reversesVectors: false,
  sendsImageAddresses: false,
  reply: null,
  answer: null,
  onEmbed: null,
}

/** What the fake counted. */
export interface FakeBatchesStats {
  /** Jobs that were created. */
  readonly submissions: number
  /** Files that were taken. */
  readonly uploads: number
  readonly cancels: number
  /** Requests that have got no reply since the beginning, because they were held. */
  readonly held: number
  /** How often the status of a job was asked for. */
  readonly polls: number
  /** How often each request was part of a job, by `custom_id`. */
  readonly requestsById: Readonly<Record<string, number>>
  /** Requests beyond the first of their `custom_id`: what was submitted twice. */
  readonly duplicates: number
  /** Requests that were answered online. */
  readonly online: number
  readonly embeddingCalls: number
  readonly imageCalls: number
  readonly jobs: readonly FakeJobState[]
}

/** One job as the fake has it. */
export interface FakeJobState {
  readonly id: string
  readonly status: string
  readonly requests: number
  readonly metadata: Readonly<Record<string, string>> | null
}
