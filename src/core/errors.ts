import type { JsonObject } from './json.ts'

/**
 * What follows from an error: `retry` it later; `reject` the row; `stop` the run and ask;
 * `invalid`: the pipeline, its input or a place is wrong, and nothing was started.
 */
export type Verdict = 'retry' | 'reject' | 'stop' | 'invalid'

const verdicts = {
  'rate-limited': 'retry',
  'provider-unavailable': 'retry',
  timeout: 'retry',
  'connection-lost': 'retry',
  'store-unavailable': 'retry',
  'worker-mismatch': 'retry',
  'worker-stopping': 'retry',
  'run-paused': 'retry',

  refusal: 'reject',
  'content-filter': 'reject',
  'cut-off': 'reject',
  'output-invalid': 'reject',
  'input-invalid': 'reject',
  'request-invalid': 'reject',
  'context-length': 'reject',
  'request-failing': 'reject',
  'row-missing': 'reject',
  tie: 'reject',

  authentication: 'stop',
  'model-unknown': 'stop',
  'request-unfit': 'stop',
  quota: 'stop',
  budget: 'stop',
  'too-many-rejected': 'stop',
  'step-threw': 'stop',
  'column-mistyped': 'stop',
  'row-lost': 'stop',
  'too-few-accepted': 'stop',
  'delivery-failed': 'stop',
  'endpoint-wrong': 'stop',
  'store-full': 'stop',
  'store-denied': 'stop',
  'store-corrupt': 'stop',
  'source-changed': 'stop',
  'pipeline-running': 'stop',
  'run-superseded': 'stop',
  internal: 'stop',

  usage: 'invalid',
  'spec-invalid': 'invalid',
  'import-unsupported': 'invalid',
  'step-type-unknown': 'invalid',
  'step-name-taken': 'invalid',
  'edge-unknown': 'invalid',
  cycle: 'invalid',
  'parameter-unknown': 'invalid',
  'parameter-invalid': 'invalid',
  'column-missing': 'invalid',
  'column-taken': 'invalid',
  'template-invalid': 'invalid',
  'file-missing': 'invalid',
  'file-empty': 'invalid',
  'file-malformed': 'invalid',
  'key-missing': 'invalid',
  'key-in-spec': 'invalid',
  'module-invalid': 'invalid',
  'package-missing': 'invalid',
  'temporal-unreachable': 'invalid',
  'store-unreachable': 'invalid',
  'store-read-only': 'invalid',
  'store-newer': 'invalid',
  'bucket-missing': 'invalid',
  'port-in-use': 'invalid',
  'run-changed': 'invalid',
  'run-unknown': 'invalid',
  'run-foreign': 'invalid',
  'run-not-live': 'invalid',
  'setting-invalid': 'invalid',
  'price-unknown': 'invalid',
  'nothing-rejected': 'invalid',
  'dataset-missing': 'invalid',
  'hub-denied': 'invalid',
} as const satisfies Record<string, Verdict>

/** Every code that an error of Retort can have. */
export type ErrorCode = keyof typeof verdicts

/** Details of an error beside its sentence. */
export interface ErrorDetails {
  /** Facts for programs, such as the names that were there instead. Never a secret. */
  readonly data?: JsonObject
  readonly cause?: unknown
  /** Milliseconds after which the provider wants to be asked again. */
  readonly retryAfterMs?: number
}

/**
 * An error with a code of a closed set and one sentence that says what, where and what to do.
 *
 * Compare `code`, not the class: `instanceof` does not survive the workflow sandbox or the wire.
 */
export class RetortError extends Error {
  override readonly name = 'RetortError'
  readonly code: ErrorCode
  readonly data: JsonObject
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.data = details.data ?? {}
    this.retryAfterMs = details.retryAfterMs
  }

  get verdict(): Verdict {
    return verdicts[this.code]
  }
}

/** The verdict of a code; `stop` for one that this version does not know. */
export function verdictOf(code: string): Verdict {
  return isErrorCode(code) ? verdicts[code] : 'stop'
}

/** Whether a text is one of {@link ErrorCode}. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(verdicts, code)
}

/** Whether a value is an error of Retort, also one from another copy of this package. */
export function isRetortError(error: unknown): error is RetortError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    isErrorCode(error.code)
  )
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
