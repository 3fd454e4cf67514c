import { RetortError, isRetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import { callForJson, callProvider } from '../http/json-call.ts'
import type { ProviderCall } from '../http/provider-call.ts'
import type { EndpointManager } from './endpoint-manager.ts'
import { untilAborted } from './until-aborted.ts'

/** Where a model runs. */
export type EndpointPlace =
  | { readonly kind: 'router' | 'address'; readonly root: string }
  | {
      readonly kind: 'endpoint'
      /** `namespace/name`. */
      readonly name: string
      /** Where it is managed. */
      readonly url: string
    }

/** Knows where a model is now. */
export interface EndpointAddress {
  /** The address below which its APIs are, without a slash at its end. @throws RetortError while it does not run */
  root(signal: AbortSignal | undefined): Promise<string>
  /** What a call's error means for the next one: the error to throw. */
  afterError(error: unknown): unknown
}

/** How long an endpoint that starts is left alone; that takes minutes. */
const startMs = 10_000
const asleep: ReadonlySet<unknown> = new Set(['paused', 'scaledToZero'])
const broken: ReadonlySet<unknown> = new Set(['failed', 'updateFailed'])
/** Errors behind which an endpoint may have been stopped, or have moved. */
const mayBeGone: ReadonlySet<string> = new Set([
  'provider-unavailable',
  'connection-lost',
  'endpoint-wrong',
])

/** Makes what knows where a model is: an address, or an endpoint's, which is looked up and woken. */
export function createEndpointAddress(
  place: EndpointPlace,
  manager: EndpointManager,
): EndpointAddress {
  if (place.kind !== 'endpoint')
    return {
      root: async () => place.root,
      afterError: (error) => (saysPaused(error) ? pausedAtAddress(error) : error),
    }
  let known: string | undefined
  let asking: Promise<string> | undefined
  const find = async () => {
    try {
      known = await findEndpoint(place, manager)
      return known
    } finally {
      asking = undefined
    }
  }
  return {
    async root(signal) {
      signal?.throwIfAborted()
      if (known !== undefined) return known
      asking ??= find()
      return await untilAborted(asking, signal)
    },
    afterError(error) {
      if (!isRetortError(error)) return error
      const isPaused = saysPaused(error)
      if (isPaused || mayBeGone.has(error.code)) known = undefined
      return isPaused ? wakingError(manager.callOf(place.url), 'paused', error) : error
    },
  }
}

/** The endpoint's address where it runs; where it sleeps, it is woken for calls to come. */
async function findEndpoint(
  { url, name }: EndpointPlace & { readonly kind: 'endpoint' },
  manager: EndpointManager,
): Promise<string> {
  const { http, key } = manager
  const call = manager.callOf(url)
  const { body } = await callForJson(http, call, { url, method: 'GET', key, wanted: 'status' })
  const { state, url: address } = isObject(body['status']) ? body['status'] : {}
  if (broken.has(state))
    throw new RetortError(
      'endpoint-wrong',
      `${call.who} cannot be asked: the endpoint '${name}' is in the state '${String(state)}', so look at its log and mend it.`,
      { data: { state: String(state) } },
    )
  if (asleep.has(state)) await wake(url, manager)
  // What is being updated still answers.
  else if (typeof address === 'string' && address !== '' && state !== 'initializing')
    return address.replace(/\/+$/, '')
  throw wakingError(call, typeof state === 'string' ? state : 'unknown')
}

async function wake(url: string, { http, key, callOf }: EndpointManager): Promise<void> {
  const resumeURL = `${url}/resume`
  try {
    await callProvider(http, callOf(resumeURL), { url: resumeURL, key })
  } catch (error) {
    // Somebody else may have woken it in between, which it refuses to be told twice.
    if (!isRetortError(error) || error.data['status'] !== 400) throw error
  }
}

function wakingError({ who, url }: ProviderCall, state: string, cause?: unknown): RetortError {
  const what = asleep.has(state)
    ? `was asleep (${state}) and is started`
    : `is not there yet (${state})`
  return new RetortError(
    'provider-unavailable',
    `${who} ${what}, which takes minutes; it is looked for again in ${startMs / 1000} s at ${url}.`,
    { data: { state }, retryAfterMs: startMs, ...(cause === undefined ? {} : { cause }) },
  )
}

/** Endpoints that are paused refuse calls as if those were bad. */
function saysPaused(error: unknown): boolean {
  return (
    isRetortError(error) &&
    error.code === 'request-invalid' &&
    /\bendpoint\b.*\b(paused|scaled to zero)\b/i.test(error.message)
  )
}

function pausedAtAddress(error: unknown): RetortError {
  const said = error instanceof Error ? error.message : String(error)
  return new RetortError(
    'endpoint-wrong',
    `${said.replace(/[.!?]$/, '')}; start it, or name it by endpointName and endpointNamespace, so that it is started.`,
    { cause: error },
  )
}
