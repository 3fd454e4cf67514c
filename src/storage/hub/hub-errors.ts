import { isRetortError, messageOf, RetortError } from '../../core/errors.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { isReply } from './hub-reply-error.ts'
import type { HubReplyError } from './hub-reply-error.ts'
import type { HubSettings } from './hub-settings.ts'

/** What was tried with which dataset. */
export interface HubAttempt {
  readonly repo: string
  readonly revision?: string | undefined
  readonly path?: string | undefined
  /** What stands between "could not" and the dataset, such as `list the files of`. */
  readonly what: string
}

/** What the Hub says of a token that it does not know. */
const unknownToken = /invalid (?:credentials|user ?token)|token .*(?:expired|invalid)/i

/** One sentence about what the Hub refused or failed at; errors of others are returned as they are. */
export function toHubError(error: unknown, attempt: HubAttempt, settings: HubSettings): unknown {
  if (isRetortError(error) || !(error instanceof Error)) return error
  const reply = isReply(error) ? error : undefined
  const judged =
    reply === undefined ? lost(error, attempt, settings) : judge(reply, attempt, settings)
  if (judged === undefined) return error
  const [code, sentence] = judged
  return new RetortError(code, sentence, {
    data: { dataset: attempt.repo, ...(reply === undefined ? {} : { status: reply.status }) },
    cause: error,
    ...(reply?.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
  })
}

/** Whether the Hub said that something is not there, or is not to be seen without a token. */
export function isAbsentReply(error: unknown): boolean {
  return isReply(error) && (error.status === 404 || error.errorCode === 'RepoNotFound')
}

type Judgement = readonly [ErrorCode, string]

function judge(reply: HubReplyError, attempt: HubAttempt, settings: HubSettings): Judgement {
  const { status, errorCode, message } = reply
  const { repo, revision, path, what } = attempt
  const { endpoint, token, tokenName } = settings
  const said =
    message === '' ? `status ${status}` : `status ${status}: ${message.replace(/\.$/, '')}`
  if (status === 429)
    return ['rate-limited', `The Hub at ${endpoint} takes no more calls for a while (${said}).`]
  if (status === 408 || status === 409 || status === 412 || status >= 500)
    return [
      'store-unavailable',
      `The Hub at ${endpoint} could not ${what} dataset '${repo}' (${said}); it is tried again.`,
    ]
  if (status === 401 && token !== undefined && (unknownToken.test(message) || errorCode === ''))
    return [
      'hub-denied',
      `The Hub at ${endpoint} does not take the token in ${tokenName}; set one that holds, or none for what is public.`,
    ]
  if (errorCode === 'GatedRepo')
    return token === undefined
      ? [
          'key-missing',
          `Dataset '${repo}' is gated; ask for access at ${endpoint}/datasets/${repo} and set ${tokenName} to a token of yours.`,
        ]
      : [
          'hub-denied',
          `Dataset '${repo}' is gated, and the account of the token in ${tokenName} has no access yet; ask for it at ${endpoint}/datasets/${repo}.`,
        ]
  if (errorCode === 'RevisionNotFound')
    return [
      'dataset-missing',
      `Dataset '${repo}' at ${endpoint} has no revision '${revision ?? 'main'}'; name a branch, a tag or a commit of it.`,
    ]
  if (errorCode === 'EntryNotFound')
    return [
      'file-missing',
      `There is no '${path ?? ''}' in dataset '${repo}' at ${endpoint}${revision === undefined ? '' : ` at revision '${revision}'`}.`,
    ]
  // Without a token, what is private looks like what is not there.
  if (status === 404 || errorCode === 'RepoNotFound' || (status === 401 && token === undefined))
    return [
      'dataset-missing',
      token === undefined
        ? `There is no public dataset '${repo}' at ${endpoint}; check its name, or set ${tokenName} to a token that may read it.`
        : `There is no dataset '${repo}' at ${endpoint} that the token in ${tokenName} may read; check its name and the token's permissions.`,
    ]
  if (token === undefined && status === 403)
    return [
      'key-missing',
      `The Hub at ${endpoint} wants a token to ${what} dataset '${repo}'; set ${tokenName}.`,
    ]
  return [
    'hub-denied',
    `The Hub at ${endpoint} refused to ${what} dataset '${repo}' (${said}); check what the token in ${tokenName} may do.`,
  ]
}

/** Errors of the connection; those of our own code are none. */
function lost(error: Error, attempt: HubAttempt, settings: HubSettings): Judgement | undefined {
  const root = rootOf(error)
  if (root === undefined) return undefined
  const why = root.message === '' ? root.code : root.message
  return [
    'store-unavailable',
    `The Hub at ${settings.endpoint} could not ${attempt.what} dataset '${attempt.repo}': ${why}; it is tried again.`,
  ]
}

/** The innermost error with a code of the system or of the connection. */
function rootOf(error: Error): (Error & { readonly code: string }) | undefined {
  let found: (Error & { readonly code: string }) | undefined
  let current: unknown = error
  while (current instanceof Error) {
    if (
      'code' in current &&
      typeof current.code === 'string' &&
      /^(?:E|UND_ERR)/.test(current.code)
    )
      // Its code has just been looked at.
      found = current as Error & { readonly code: string }
    // An attempt at several addresses of one host fails with one error for each.
    current = current instanceof AggregateError ? current.errors[0] : current.cause
  }
  if (found === undefined && /^(?:fetch failed|terminated)$/.test(messageOf(error)))
    return Object.assign(error, { code: 'closed' })
  return found
}
