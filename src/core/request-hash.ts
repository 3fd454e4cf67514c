import type { AnswerFormat } from './chat.ts'
import { hashText } from './hash.ts'
import { canonicalJson } from './json.ts'
import type { ModelIdentity } from './registry.ts'

/** Everything about a request that decides what an answer to it is worth; not who asks, nor where it is sent. */
export interface LogicalRequest {
  /** Of a conversation who says what; of other requests one message of a role of its own. */
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  /** Which of several answers to the same messages, from 0. */
  readonly sampleIndex: number
  /** How often the row was asked anew by the user's wish. */
  readonly retry: number
  /** The row's identity where equal requests of other rows are to have answers of their own; else `null`. */
  readonly identity: string | null
  /** What the answer has to be. */
  readonly format?: AnswerFormat | undefined
  /** How often a raw prompt was asked for this sample before: it holds no conversation that would tell. */
  readonly reask?: number
}

/**
 * Makes the function that hashes the requests of one step: the first 32 hexadecimal digits of a SHA-256 over
 * provider, model, parameters, messages, sample, epoch, retry number and, where the row wants its own answer, the row.
 */
export function createRequestHash(
  { provider, model, parameters }: ModelIdentity,
  epoch: number,
): (request: LogicalRequest) => string {
  const constant = canonicalJson({ request: 1, provider, model, parameters, schema: null, epoch })
  return ({ messages, sampleIndex, retry, identity, format, reask = 0 }) => {
    const said = messages.map(({ role, content }) => [role, content])
    const asked: unknown[] = [said, sampleIndex, retry, identity]
    if (format !== undefined || reask > 0)
      asked.push(format === undefined ? null : canonicalJson(format), reask)
    return hashText(`${constant}\n${JSON.stringify(asked)}`).slice(0, 32)
  }
}
