import type { FakeGoogleOptions } from './google-options.ts'
import { type GeminiAsked, geminiReply } from './google-reply.ts'

interface RequestLine {
  readonly key: string
  readonly request: GeminiAsked
}

type State = 'PENDING' | 'RUNNING' | FakeGoogleOptions['ending'] | 'CANCELLED'

/** A job, which gets further each time that somebody asks for its status. */
export class StoredJob {
  readonly id: string
  readonly displayName: string
  readonly lines: readonly string[]
  #polls = 0
  #state: State = 'PENDING'

  constructor(id: string, displayName: string, input: Buffer) {
    this.id = id
    this.displayName = displayName
    this.lines = input
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
  }

  get hasEnded(): boolean {
    return this.#state !== 'PENDING' && this.#state !== 'RUNNING'
  }

  advance({ pollsUntilDone, ending }: FakeGoogleOptions): void {
    if (this.hasEnded) return
    this.#polls += 1
    this.#state = this.#polls >= pollsUntilDone ? ending : 'RUNNING'
  }

  cancel(): void {
    this.#state = 'CANCELLED'
  }

  toOperation(options: FakeGoogleOptions): object {
    const count = this.lines.length
    const hasResults = this.#state === 'SUCCEEDED'
    const failed = options.failEvery === null ? 0 : Math.floor(count / options.failEvery)
    const output = options.sendsInline
      ? { inlinedResponses: { inlinedResponses: [...this.#inline(options)] } }
      : { responsesFile: `files/batch-${this.id}` }
    return {
      name: `batches/${this.id}`,
      metadata: {
        '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
        model: 'models/gemini-fake',
        displayName: this.displayName,
        createTime: '2026-01-01T00:00:00Z',
        batchStats: {
          requestCount: String(count),
          ...(hasResults
            ? {
                successfulRequestCount: String(count - failed),
                ...(failed === 0 ? {} : { failedRequestCount: String(failed) }),
              }
            : { pendingRequestCount: String(count) }),
        },
        state: `BATCH_STATE_${this.#state}`,
        name: `batches/${this.id}`,
        ...(hasResults ? { output } : {}),
      },
      ...(this.hasEnded ? { done: true } : {}),
      ...(hasResults ? { response: output } : {}),
      ...(this.#state === 'FAILED' ? { error: { code: 3, message: 'Line 1 is no request.' } } : {}),
    }
  }

  *resultLines(options: FakeGoogleOptions): Generator<string> {
    for (const { key, result } of this.#results(options))
      yield `${JSON.stringify({ key, ...result })}\n`
  }

  *#inline(options: FakeGoogleOptions): Generator<object> {
    for (const { key, result } of this.#results(options)) yield { metadata: { key }, ...result }
  }

  *#results({
    failEvery,
    failCode,
  }: FakeGoogleOptions): Generator<{ key: string; result: object }> {
    for (const [index, line] of this.lines.entries()) {
      const { key, request } = JSON.parse(line) as RequestLine
      const isBad = failEvery !== null && (index + 1) % failEvery === 0
      const result = isBad
        ? { error: { code: failCode, message: 'The request failed.' } }
        : { response: geminiReply(request) }
      yield { key, result }
    }
  }
}
