import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from './provider-call.ts'
import { statusInBody, toProviderError } from './provider-error.ts'

const noHeaders = { get: () => null }

/**
 * Reads the body of a reply that came with a good status, as its JSON or else its text.
 *
 * @param wanted - the member without which an error in it stands for the whole reply
 * @throws RetortError where it is a page, no JSON object, or an error
 */
export function readReplyBody(
  call: ProviderCall,
  body: unknown,
  wanted: string,
): Readonly<Record<string, unknown>> {
  if (!isObject(body)) throw notJson(call, body)
  const { error } = body
  if (!hasContent(body[wanted]) && (isObject(error) || (typeof error === 'string' && error !== '')))
    throw toProviderError(
      call,
      { status: statusInBody(body), headers: noHeaders, body },
      Date.now(),
    )
  return body
}

function hasContent(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null
}

function notJson(call: ProviderCall, body: unknown): RetortError {
  const isPage = typeof body === 'string' && /<html|<!doctype/i.test(body)
  if (isPage)
    return new RetortError(
      'endpoint-wrong',
      `${call.who} got a web page instead of an answer from ${call.url}${call.advice?.['endpoint-wrong'] ?? '; check that baseURL is the address of the API'}.`,
    )
  const what =
    typeof body === 'string' && body.trim() !== ''
      ? `'${call.redact(body).slice(0, 200)}'`
      : 'nothing'
  return new RetortError(
    'provider-unavailable',
    `${call.who} got ${what} in the place of JSON from ${call.url}.`,
  )
}
