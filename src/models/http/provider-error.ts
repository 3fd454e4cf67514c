import { type ErrorCode, RetortError, isRetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from './provider-call.ts'
import { parseRateLimitHeaders } from './rate-limit-headers.ts'
import { type HeaderReader, longestRetryMs, parseRetryAfter } from './retry-after.ts'

/** A reply of a provider that is no answer. */
export interface ProviderReply {
  readonly status: number
  readonly headers: HeaderReader
  /** The JSON that it sent, or else its text. */
  readonly body: unknown
}

interface Complaint {
  readonly message: string
  /** The provider's own codes, types and reasons, joined. */
  readonly codes: string
  /** When it wants to be asked again, where its body says so. */
  readonly retryAfterMs?: number | undefined
}

const longestMessage = 500
/** Statuses whose wait is the provider's, not this one request's. */
const waitingStatuses: ReadonlySet<number> = new Set([429, 503, 529])
/** Statuses below 500 that are no fault of the request; 499 is Google's for a call that was cut short. */
const passingStatuses: ReadonlySet<number> = new Set([408, 409, 424, 425, 499])

/** Turns a reply that is no answer into the error of one attempt. */
export function toProviderError(
  call: ProviderCall,
  reply: ProviderReply,
  now: number,
): RetortError {
  const complaint = complaintOf(reply.body)
  const isShutOut =
    reply.status === 429 &&
    (allowsNothing(reply.headers, now) || /\blimit: 0\b/.test(complaint.message))
  const code = isShutOut ? 'quota' : codeOf(reply, complaint)
  const said = call.redact(complaint.message).slice(0, longestMessage)
  const message = `${call.who} got ${reply.status} from ${call.url}${said === '' ? '' : `: ${said}`}${isShutOut ? "; the account's limit for this model is 0" : adviceOn(code, reply, call)}`
  const retryAfterMs = waitingStatuses.has(reply.status)
    ? (parseRetryAfter(reply.headers, now) ?? complaint.retryAfterMs)
    : undefined
  return new RetortError(code, endSentence(message), {
    data: { status: reply.status, url: call.url },
    ...(retryAfterMs === undefined || code === 'quota' ? {} : { retryAfterMs }),
  })
}

/** The status of the reply that an error was made of, where it was. */
export function statusOf(error: unknown): number | undefined {
  const status = isRetortError(error) ? error.data['status'] : undefined
  return typeof status === 'number' ? status : undefined
}

/** Statuses that types of errors come with. */
const statusOfType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  timeout_error: 504,
  overloaded_error: 529,
}

/** The status that an error in the body of a 200 stands for. */
export function statusInBody(body: unknown): number {
  const error = isObject(body) ? body['error'] : undefined
  if (!isObject(error)) return 500
  const status = Number(error['code'] ?? error['status'])
  return status >= 400 && status < 600 ? status : (statusOfType[String(error['type'])] ?? 500)
}

/** Whether the account's limit for this model is none at all, which no waiting changes. */
function allowsNothing(headers: HeaderReader, now: number): boolean {
  const report = parseRateLimitHeaders(headers, now)
  return report?.requests?.limit === 0 || report?.tokens?.limit === 0
}

function codeOf({ status, body }: ProviderReply, { message, codes }: Complaint): ErrorCode {
  if (
    status === 402 ||
    /insufficient_quota|billing|insufficient_balance|payment_required|spend_limit_reached/i.test(
      codes,
    ) ||
    /credit balance is too low|reached your specified .*usage limits|calls \/ month/i.test(message)
  )
    return 'quota'
  if (status === 429) return 'rate-limited'
  // Cohere's status of a word that it blocks.
  if (status === 498 || isFiltered(status, message, codes)) return 'content-filter'
  if (
    status === 401 ||
    status === 403 ||
    /invalid_api_key|api_key_invalid|authentication/i.test(codes) ||
    // Google refuses a key as if it were a parameter, and not each of its servers gives that reason.
    (status === 400 && /^api key (not valid|expired)/i.test(message))
  )
    return 'authentication'
  if (passingStatuses.has(status) || status >= 500) return 'provider-unavailable'
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
  return status === 404 && /\b(models?|deployment)\b/i.test(message)
}

function isTooLong(status: number, message: string, codes: string): boolean {
  return (
    status === 413 ||
    /context_length|string_above_max/i.test(codes) ||
    /context (length|window)|maximum context|prompt is too long|too many tokens|too large for model|input token count.* exceeds|max_new_tokens` must be <=|must have less than \d+ tokens/i.test(
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
  // Some of Google's servers put the error into a list.
  if (Array.isArray(body)) return complaintOf(body[0])
  if (!isObject(body)) return { message: '', codes: '' }
  const inner = body['error']
  if (isObject(inner)) return complaintOf(inner)
  const details = [body['details']].flat().filter(isObject)
  const codes = [
    body['code'],
    body['type'],
    body['status'],
    ...details.flatMap((detail) => [detail['reason'], detail['error_code']]),
  ].filter((value) => typeof value === 'string')
  const said = inner ?? body['message'] ?? body['detail'] ?? ''
  return {
    message: typeof said === 'string' ? said : JSON.stringify(said),
    codes: codes.join(' '),
    retryAfterMs: details.map(({ retryDelay }) => parseDelay(retryDelay)).find(isKnown),
  }
}

/** Milliseconds of a delay such as `34.5s`, as Google's details have it. */
function parseDelay(delay: unknown): number | undefined {
  const [, seconds] = typeof delay === 'string' ? (/^(\d+(?:\.\d+)?)s$/.exec(delay) ?? []) : []
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, longestRetryMs)
}

function isKnown(value: number | undefined): value is number {
  return value !== undefined
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
