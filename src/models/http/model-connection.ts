import type { Environment } from '../../core/environment.ts'

import { createRedact } from '../secrets.ts'
import type { CallTimeouts } from './call-timer.ts'
import type { ProviderCaller } from './provider-call.ts'

/** How a model is connected to its provider, wherever that is. */
export interface ModelConnection {
  readonly type: string
  readonly model: string
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  readonly timeouts: CallTimeouts
}

/** What errors say about a model that calls. */
export function callerOf({ type, model, keyVariable, key }: ModelConnection): ProviderCaller {
  return {
    who: `${type} '${model}'`,
    keyVariable,
    redact: createRedact(key === undefined ? [] : [key]),
  }
}
