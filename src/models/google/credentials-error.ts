import { RetortError, messageOf } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import { toConnectionError } from '../http/connection-error.ts'
import type { ProviderCall } from '../http/provider-call.ts'

const advice =
  "run 'gcloud auth application-default login', set GOOGLE_APPLICATION_CREDENTIALS, or name a key's variable in apiKeyEnv"

/** Turns what getting Application Default Credentials failed with into the error of one attempt. */
export function toCredentialsError(call: ProviderCall, error: unknown): RetortError {
  const status = statusOf(error)
  const said = call.redact(messageOf(error)).slice(0, 500)
  if (status === undefined && hasCode(error)) return toConnectionError(call, error)
  if (status === 429 || (status !== undefined && status >= 500))
    return new RetortError(
      'provider-unavailable',
      `${call.who} got ${status} in the place of credentials of Google: ${said}.`,
      { cause: error },
    )
  return new RetortError(
    'authentication',
    `${call.who} has no Application Default Credentials of Google (${said}); ${advice}.`,
    { cause: error },
  )
}

function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : undefined
}

/** Whether a connection failed: files that are missing have a code as well. */
function hasCode(error: unknown): boolean {
  if (!isObject(error) && !(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' && code !== 'ENOENT' && code !== 'EACCES'
}
