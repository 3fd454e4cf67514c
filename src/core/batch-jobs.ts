import type { ChatAnswer, ChatRequest } from './chat.ts'
import type { RetortError } from './errors.ts'

/** One of a job's requests. */
export interface JobRequest {
  /** What its result is found by: at most 64 characters of `[A-Za-z0-9_-]`. */
  readonly id: string
  readonly request: ChatRequest
}

/** What is known of a job before it is submitted. */
export interface JobIntent {
  /** At most 64 characters of `[A-Za-z0-9_-]`; no other job has it. */
  readonly id: string
  readonly requests: number
  /** Milliseconds since 1970 at which it was first tried. */
  readonly submittedAt: number
}

/** A job that may be the one of an intent. */
export interface FoundJob {
  readonly id: string
  /** Whether it bears the intent's id; else it matches by time and count alone, and its results have to tell. */
  readonly isCertain: boolean
}

/** How far a job is. */
export interface JobStatus {
  /** `ended`: there are results, be it of some requests only, because it expired, failed or was cancelled. */
  readonly state: 'going' | 'ended'
  /** Requests that have a result, good or bad. */
  readonly finished: number
  /** Why no more results come, where the provider says so: `expired`, `cancelled` or its own words. */
  readonly problem?: string
}

/** What became of one request of a job. */
export type JobResult =
  | { readonly id: string; readonly answer: ChatAnswer }
  | { readonly id: string; readonly error: RetortError }

/**
 * A provider's batch jobs: many requests that may be answered within a day, at a lower price.
 *
 * Every method makes one attempt and throws a `RetortError`; the engine keeps what was submitted, waits and repeats.
 * Nothing holds a whole job in memory.
 */
export interface BatchJobs {
  /** Most requests of a job. */
  readonly mostRequests: number
  /** Most bytes of a job's input. */
  readonly mostBytes: number
  /** What a token of a job costs, as a share of what it costs online. */
  readonly priceShare: number
  /** A request as it stands in a job's input: one line of JSON. */
  toLine(request: JobRequest): string
  /** Hands a job in and returns the id that the provider gives it. */
  submit(intent: JobIntent, lines: AsyncIterable<string>, signal: AbortSignal): Promise<string>
  /** Looks for the job of an intent whose id was lost; those of `known` ids belong to others. */
  find(
    intent: JobIntent,
    known: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<FoundJob | undefined>
  status(job: string, signal: AbortSignal): Promise<JobStatus>
  /** The results that an ended job has, in any order; requests without one were not answered. */
  results(job: string, signal: AbortSignal): AsyncIterable<JobResult>
  /** Ends a job early; what it has answered stays. Succeeds where it has ended. */
  cancel(job: string, signal: AbortSignal): Promise<void>
}
