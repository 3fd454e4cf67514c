import type { FakeBatchesOptions, FakeJobState } from './batch-options.ts'
import type { StoredFile } from './stored-file.ts'
import { modelReply } from './chat-reply.ts'

/** One request of a job as its input file has it. */
interface RequestLine {
  readonly custom_id: string
  readonly body: unknown
}

type Status =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled'

interface Complaint {
  readonly code: string
  readonly line: number | null
  readonly message: string
}

/** A job, which gets further each time that somebody asks for its status. */
export class StoredBatch {
  readonly id: string
  readonly createdAt: number
  readonly input: StoredFile
  readonly endpoint: string
  readonly metadata: Readonly<Record<string, string>> | null
  readonly requests: number
  readonly #complaint: Complaint | undefined
  #polls = 0
  #status: Status = 'validating'
  /** Requests from the first on that were answered, be it badly. */
  #answered = 0
  #failEvery: number | null = null
  #failStatus = 500

  constructor(
    id: string,
    input: StoredFile,
    endpoint: string,
    metadata: Readonly<Record<string, string>> | null,
    options: FakeBatchesOptions,
  ) {
    this.id = id
    this.input = input
    this.endpoint = endpoint
    this.metadata = metadata
    this.createdAt = Math.floor(Date.now() / 1000)
    const { requests, complaint } = validate(input, endpoint)
    this.requests = requests
    this.#complaint =
      options.validationError === null
        ? complaint
        : { code: 'token_limit_exceeded', line: null, message: options.validationError }
  }

  get hasEnded(): boolean {
    return ['failed', 'completed', 'expired', 'cancelled'].includes(this.#status)
  }

  get state(): FakeJobState {
    const { id, requests, metadata } = this
    return { id, status: this.#status, requests, metadata }
  }

  /** Goes on by one step. */
  advance(options: FakeBatchesOptions): void {
    if (this.hasEnded) return
    this.#failEvery = options.failEvery
    this.#failStatus = options.failStatus
    if (this.#status === 'cancelling') this.#status = 'cancelled'
    else if (this.#complaint !== undefined) this.#status = 'failed'
    else this.#work(options)
  }

  #work({ pollsUntilDone, expireAfter }: FakeBatchesOptions): void {
    this.#polls += 1
    const isDone = this.#polls >= pollsUntilDone
    const most = Math.min(this.requests, expireAfter ?? Number.POSITIVE_INFINITY)
    this.#answered = isDone ? most : Math.floor((most * this.#polls) / pollsUntilDone)
    if (!isDone) this.#status = 'in_progress'
    else this.#status = most < this.requests ? 'expired' : 'completed'
  }

  cancel(): void {
    this.#status = 'cancelling'
  }

  toJSON(): object {
    const failed = this.#failEvery === null ? 0 : Math.floor(this.#answered / this.#failEvery)
    const hasErrors = failed > 0 || this.#answered < this.requests
    const hasResults = this.hasEnded && this.#status !== 'failed'
    const isFailed = this.#status === 'failed' && this.#complaint !== undefined
    return {
      id: this.id,
      object: 'batch',
      endpoint: this.endpoint,
      errors: isFailed ? { object: 'list', data: [{ ...this.#complaint, param: null }] } : null,
      input_file_id: this.input.id,
      completion_window: '24h',
      status: this.#status,
      output_file_id: hasResults && this.#answered > failed ? `file-output-${this.id}` : null,
      error_file_id: hasResults && hasErrors ? `file-errors-${this.id}` : null,
      created_at: this.createdAt,
      expires_at: this.createdAt + 86_400,
      request_counts: {
        total: this.#status === 'validating' ? 0 : this.requests,
        completed: this.#answered - failed,
        failed,
      },
      metadata: this.metadata,
    }
  }

  /** Lines of the file of answers, or of the one of everything else. */
  *resultLines(kind: 'output' | 'errors', options: FakeBatchesOptions): Generator<string> {
    let index = 0
    for (const line of this.input.lines(options.reversesResults)) {
      const at = options.reversesResults ? this.requests - 1 - index : index
      index += 1
      const request = JSON.parse(line) as RequestLine
      const isAnswered = at < this.#answered
      const isBad = this.#failEvery !== null && (at + 1) % this.#failEvery === 0
      if ((isAnswered && !isBad) !== (kind === 'output')) continue
      yield `${JSON.stringify({
        id: `batch_req_${this.id}_${at}`,
        custom_id: request.custom_id,
        ...this.#result(request, isAnswered, isBad, options),
      })}\n`
    }
  }

  #result(request: RequestLine, isAnswered: boolean, isBad: boolean, options: FakeBatchesOptions) {
    if (!isAnswered) {
      const what = this.#status === 'cancelled' ? 'cancelled' : 'expired'
      const message = `This request could not be executed before the batch was ${what}.`
      return { response: null, error: { code: `batch_${what}`, message } }
    }
    const message = 'The request of the batch failed.'
    const body = isBad
      ? { error: { message, type: 'server_error', param: null, code: null } }
      : options.emptiesChoices
        ? { choices: [] }
        : modelReply(this.endpoint, request.body, options.answer)
    const status = isBad ? this.#failStatus : 200
    return { response: { status_code: status, request_id: 'req', body }, error: null }
  }
}

/** Counts the requests of a file, and says what is wrong with the first bad one. */
function validate(
  input: StoredFile,
  endpoint: string,
): { requests: number; complaint?: Complaint } {
  const seen = new Set<string>()
  for (const line of input.lines()) {
    const at = seen.size + 1
    const id = idOf(line, endpoint)
    if (id === undefined)
      return {
        requests: seen.size,
        complaint: { code: 'invalid_json_line', line: at, message: `Line ${at} is no request.` },
      }
    if (seen.has(id))
      return {
        requests: seen.size,
        complaint: { code: 'duplicate_custom_id', line: at, message: `'${id}' came before.` },
      }
    seen.add(id)
  }
  if (seen.size > 0 && seen.size <= 50_000) return { requests: seen.size }
  const message = `The file has ${seen.size} requests.`
  return { requests: seen.size, complaint: { code: 'file_size', line: null, message } }
}

/** The id of a request that is well formed, and goes where it should. */
export function idOf(line: string, endpoint: string): string | undefined {
  try {
    const { custom_id: id, method, url, body } = JSON.parse(line) as Record<string, unknown>
    const isSound =
      typeof id === 'string' && method === 'POST' && url === endpoint && typeof body === 'object'
    return isSound ? id : undefined
  } catch {
    return undefined
  }
}
