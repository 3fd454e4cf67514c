import type { DispatcherFetch } from '../http/dispatcher-fetch.ts'
import { createDispatcherFetch } from '../http/dispatcher-fetch.ts'
import { type ModelConnection, callerOf } from '../http/model-connection.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import { toPublicUrl } from '../http/provider-call.ts'
import type { EndpointPlace } from './endpoint-address.ts'

/** Who calls which model of Hugging Face. */
export interface EndpointConnection extends ModelConnection {
  /** The model's name on the wire. */
  readonly wireModel: string
  readonly place: EndpointPlace
}

/** What calls a model, and manages its endpoint. */
export interface EndpointManager {
  readonly http: DispatcherFetch
  readonly key: string | undefined
  callOf(url: string): ProviderCall
}

/** Makes what calls a model, and manages its endpoint. */
export function createEndpointManager(connection: EndpointConnection): EndpointManager {
  const { place, key } = connection
  const caller = callerOf(connection)
  const mend =
    place.kind === 'endpoint'
      ? '; check endpointName and endpointNamespace'
      : '; check that a model that does this is there'
  return {
    http: createDispatcherFetch(connection.environment, connection.timeouts),
    key,
    callOf: (url) => ({
      ...caller,
      url: toPublicUrl(url),
      advice: { 'endpoint-wrong': mend },
    }),
  }
}
