import type { Environment } from '../../core/environment.ts'

import type { CallTimeouts } from '../http/call-timer.ts'
import type { StreamCaller } from '../http/stream-client.ts'
import { createRedact } from '../secrets.ts'

/** Where one of Mistral's models is, and who calls it. */
export interface MistralConnection {
  readonly type: string
  readonly model: string
  /** Without the `/v1`. */
  readonly serverURL: string
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  readonly timeouts: CallTimeouts
}

/** What errors say about whoever calls. */
export function callerOf({ type, model, keyVariable, key }: MistralConnection): StreamCaller {
  return {
    who: `${type} '${model}'`,
    keyVariable,
    redact: createRedact(key === undefined ? [] : [key]),
  }
}

/** Where Mistral is. */
export const mistralServerURL = 'https://api.mistral.ai'

/** An address without the `/v1`, which is added to all paths. */
export function toServerURL(baseURL: string = mistralServerURL): string {
  return baseURL.replace(/\/+$/, '').replace(/\/v1$/, '')
}
