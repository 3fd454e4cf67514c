import type { StoredFile } from '../openai/stored-file.ts'
import type { FakeMistralOptions } from './mistral-options.ts'
import { type MistralAsked, mistralReply } from './mistral-reply.ts'

interface RequestLine {
  readonly custom_id: string
  readonly body: MistralAsked
}

/** What a job is created with. */
export interface JobAsked {
  readonly input_files?: readonly string[]
  readonly endpoint?: string
  readonly model?: string
  readonly metadata?: Readonly<Record<string, string>>
}

type Status = 'QUEUED' | 'RUNNING' | FakeMistralOptions['ending'] | 'CANCELLED'

/** A job, which gets further each time that somebody asks for its status. */
export class StoredJob {
  readonly id: string
  readonly asked: JobAsked
  readonly input: StoredFile
  readonly createdAt = Math.floor(Date.now() / 1000)
  readonly #requests: number
  #polls = 0
  #status: Status = 'QUEUED'

  constructor(id: string, asked: JobAsked, input: StoredFile) {
    this.id = id
    this.asked = asked
    this.input = input
    this.#requests = [...input.lines()].length
  }

  get hasEnded(): boolean {
    return this.#status !== 'QUEUED' && this.#status !== 'RUNNING'
  }

  advance({ pollsUntilDone, ending }: FakeMistralOptions): void {
    if (this.hasEnded) return
    this.#polls += 1
    this.#status = this.#polls >= pollsUntilDone ? ending : 'RUNNING'
  }

  cancel(): void {
    this.#status = 'CANCELLED'
  }

  describe({ failEvery }: FakeMistralOptions): object {
    const isDone = this.#status === 'SUCCESS'
    const failed = isDone && failEvery !== null ? Math.floor(this.#requests / failEvery) : 0
    const succeeded = isDone ? this.#requests - failed : 0
    return {
      id: this.id,
      object: 'batch',
      input_files: [this.input.id],
      metadata: this.asked.metadata ?? {},
      endpoint: this.asked.endpoint,
      model: this.asked.model,
      output_file: succeeded > 0 ? `output-${this.id}` : null,
      error_file: failed > 0 ? `error-${this.id}` : null,
      errors: this.#status === 'FAILED' ? [{ message: 'Line 1 is no request.', count: 1 }] : [],
      status: this.#status,
      created_at: this.createdAt,
      total_requests: this.#requests,
      completed_requests: succeeded + failed,
      succeeded_requests: succeeded,
      failed_requests: failed,
    }
  }

  /** Lines of the file of answers, or of the one of everything else. */
  *resultLines(kind: string, { failEvery, failStatus }: FakeMistralOptions): Generator<string> {
    let index = 0
    for (const line of this.input.lines()) {
      const { custom_id: customId, body } = JSON.parse(line) as RequestLine
      index += 1
      const isBad = failEvery !== null && index % failEvery === 0
      if (isBad !== (kind === 'error')) continue
      const failure = { object: 'error', message: 'The request failed.', type: 'x', code: null }
      const response = isBad
        ? { status_code: failStatus, body: failure }
        : { status_code: 200, body: mistralReply(body) }
      yield `${JSON.stringify({ id: `batch-${index}`, custom_id: customId, response, error: null })}\n`
    }
  }
}
