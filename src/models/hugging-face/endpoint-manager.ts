import type { Environment } from '../../core/environment.ts'

import type { CallTimeouts } from '../http/call-timer.ts'
import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { toPublicUrl } from '../http/provider-call.ts'
import { createRedact } from '../secrets.ts'
import type { EndpointPlace } from './endpoint-address.ts'

/** Who calls which model of Hugging Face. */
export interface EndpointConnection {
  readonly type: string
  readonly model: string
  /** The model's name on the wire. */
  readonly wireModel: string
  readonly place: EndpointPlace
  readonly keyVariable: string | undefined
  readonly key: string | undefined
  readonly environment: Environment
  readonly timeouts: CallTimeouts
}

/** What calls a model, and manages its endpoint. */
export interface EndpointManager {
  readonly http: DispatcherFetch
  readonly key: string | undefined
  callOf(url: string): ProviderCall
}

/** Makes what calls a model, and manages its endpoint. */
export function createEndpointManager(connection: EndpointConnection): EndpointManager {
  const { type, model, place, key, keyVariable } = connection
  const redact = createRedact(key === undefined ? [] : [key])
  const mend =
    place.kind === 'endpoint'
      ? '; check endpointName and endpointNamespace'
      : '; check that a model that does this is there'
  return {
    http: createDispatcherFetch(connection.environment, connection.timeouts),
    key,
    callOf: (url) => ({
      who: `${type} '${model}'`,
      url: toPublicUrl(url),
      keyVariable,
      redact,
      advice: { 'endpoint-wrong': mend },
    }),
  }
}
