import { type ErrorCode, RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from './provider-call.ts'
import { parseRateLimitHeaders } from './rate-limit-headers.ts'
import { type HeaderReader, parseRetryAfter } from './retry-after.ts'

/** A reply of a provider that is no answer. */
export interface ProviderReply {
  readonly status: number
  readonly headers: HeaderReader
  /** The JSON that it sent, or else its text. */
  readonly body: unknown
}

interface Complaint {
  readonly message: string
  /** The provider's own codes and types, joined. */
  readonly codes: string
}

const longestMessage = 500
/** Statuses whose wait is the provider's, not this one request's. */
const waitingStatuses: ReadonlySet<number> = new Set([429, 503, 529])

/** Turns a reply that is no answer into the error of one attempt. */
export function toProviderError(
  call: ProviderCall,
  reply: ProviderReply,
  now: number,
): RetortError {
  const complaint = complaintOf(reply.body)
  const isShutOut = reply.status === 429 && allowsNothing(reply.headers, now)
  const code = isShutOut ? 'quota' : codeOf(reply, complaint)
  const said = call.redact(complaint.message).slice(0, longestMessage)
  const message = `${call.who} got ${reply.status} from ${call.url}${said === '' ? '' : `: ${said}`}${isShutOut ? "; the account's limit for this model is 0" : adviceOn(code, reply, call)}`
  const retryAfterMs = waitingStatuses.has(reply.status)
    ? parseRetryAfter(reply.headers, now)
    : undefined
  return new RetortError(code, endSentence(message), {
    data: { status: reply.status, url: call.url },
    ...(retryAfterMs === undefined || code === 'quota' ? {} : { retryAfterMs }),
  })
}

/** The status that an error in the body of a 200 stands for. */
export function statusInBody(body: unknown): number {
  const error = isObject(body) ? body['error'] : undefined
  const status = Number(isObject(error) ? (error['code'] ?? error['status']) : undefined)
  return status >= 400 && status < 600 ? status : 500
}

/** Whether the account's limit for this model is none at all, which no waiting changes. */
function allowsNothing(headers: HeaderReader, now: number): boolean {
  const report = parseRateLimitHeaders(headers, now)
  return report?.requests?.limit === 0 || report?.tokens?.limit === 0
}

function codeOf({ status, body }: ProviderReply, { message, codes }: Complaint): ErrorCode {
  if (
    status === 402 ||
    /insufficient_quota|billing|insufficient_balance|payment_required/i.test(codes) ||
    /credit balance is too low/i.test(message)
  )
    return 'quota'
  if (status === 429) return 'rate-limited'
  if (isFiltered(status, message, codes)) return 'content-filter'
  if (status === 401 || status === 403 || /invalid_api_key|authentication/i.test(codes))
    return 'authentication'
  if (status === 408 || status === 409 || status === 424 || status === 425 || status >= 500)
    return 'provider-unavailable'
  if (isUnknownModel(status, message, codes)) return 'model-unknown'
  if (status < 400 || status === 404 || status === 405) return 'endpoint-wrong'
  if (isTooLong(status, message, codes)) return 'context-length'
  return typeof body === 'string' && /<html/i.test(body) ? 'endpoint-wrong' : 'request-invalid'
}

function isFiltered(status: number, message: string, codes: string): boolean {
  if (
    /content_?filter|content_policy|moderation_blocked|ResponsibleAI|data_inspection_failed/i.test(
      codes,
    )
  )
    return true
  // Some refuse a flagged prompt as if it were the caller that they don't let in.
  return (status === 400 || status === 403) && /\b(was|been) flagged\b/i.test(message)
}

function isUnknownModel(status: number, message: string, codes: string): boolean {
  if (/model_not_(found|supported)|invalid_model|DeploymentNotFound/i.test(codes)) return true
  if (
    /invalid model\b|model\b.*\b(does not|doesn't) exist|no such model|model\b.*\bnot supported by provider/i.test(
      message,
    )
  )
    return true
  return status === 404 && /\b(model|deployment)\b/i.test(message)
}

function isTooLong(status: number, message: string, codes: string): boolean {
  return (
    status === 413 ||
    /context_length|string_above_max/i.test(codes) ||
    /context (length|window)|maximum context|prompt is too long|too many tokens|too large for model|max_new_tokens` must be <=|must have less than \d+ tokens/i.test(
      message,
    )
  )
}

function adviceOn(code: ErrorCode, { status }: ProviderReply, call: ProviderCall): string {
  const own = call.advice?.[code]
  if (own !== undefined) return own
  if (code === 'authentication')
    return call.keyVariable === undefined
      ? '; it wants a key: name its variable in apiKeyEnv'
      : `; check the key in ${call.keyVariable}`
  if (code === 'quota') return '; the account has nothing left to spend'
  if (code === 'endpoint-wrong')
    return status >= 300 && status < 400
      ? '; it sends callers elsewhere, so set baseURL to where it really is'
      : '; check that baseURL has the right path'
  return ''
}

function complaintOf(body: unknown): Complaint {
  if (typeof body === 'string') return { message: textOf(body), codes: '' }
  if (!isObject(body)) return { message: '', codes: '' }
  const inner = body['error']
  if (isObject(inner)) return complaintOf(inner)
  const codes = [body['code'], body['type'], body['status']].filter(
    (value) => typeof value === 'string',
  )
  const said = inner ?? body['message'] ?? body['detail'] ?? ''
  return { message: typeof said === 'string' ? said : JSON.stringify(said), codes: codes.join(' ') }
}

/** What a person would read of a page. */
function textOf(text: string): string {
  return text
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function endSentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}
