/** A reply of the Hub that is no success. */
export class HubReplyError extends Error {
  override readonly name = 'HubReplyError'
  readonly status: number
  /** The Hub's own name for what is wrong, such as `RepoNotFound`. */
  readonly errorCode: string
  readonly retryAfterMs: number | undefined

  constructor(status: number, errorCode: string, said: string, retryAfterMs?: number) {
    super(said)
    this.status = status
    this.errorCode = errorCode
    this.retryAfterMs = retryAfterMs
  }
}

/** Whether the Hub replied, and it was no success. */
export function isReply(error: unknown): error is HubReplyError {
  return error instanceof HubReplyError
}

const mostCharacters = 300

/** Reads what a reply says is wrong, without the token, which it may repeat. */
export async function readHubReplyError(
  response: Response,
  token: string | undefined,
): Promise<HubReplyError> {
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  const said = headers.get('x-error-message') ?? messageIn(text) ?? ''
  const redacted = token === undefined ? said : said.replaceAll(token, '[token]')
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new HubReplyError(
    status,
    headers.get('x-error-code') ?? '',
    redacted.replaceAll(/\s+/g, ' ').trim().slice(0, mostCharacters),
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  )
}

function messageIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
