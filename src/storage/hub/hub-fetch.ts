import { Agent, EnvHttpProxyAgent, fetch as undiciFetch, interceptors } from 'undici'

import type { Environment } from '../../core/environment.ts'
import { proxiesOf } from '../../core/proxies.ts'
import { readHubReplyError } from './hub-reply-error.ts'

/** A `fetch` that the Hub's library and this adapter share. */
export type HubFetch = typeof globalThis.fetch

const connectMs = 10_000
/** A server that is silent for longer in the middle of an answer counts as gone. */
const silenceMs = 60_000
/** A commit of many files takes the Hub a while. */
const answerMs = 300_000

/**
 * Makes a `fetch` that goes through a proxy where the environment names one, reads on where a connection breaks and
 * asks again where the Hub is busy; it rejects with a {@link HubReplyError} where the reply is no success.
 *
 * @param token - taken out of what replies say
 */
export function createHubFetch(environment: Environment, token: string | undefined): HubFetch {
  const agent = createAgent(environment)
  const retrying = agent.compose(
    interceptors.retry({ maxRetries: 4, minTimeout: 250, maxTimeout: 10_000, throwOnError: false }),
  )
  // undici's own types differ from the platform's in name only.
  const send = undiciFetch as unknown as (
    input: Parameters<HubFetch>[0],
    init: object,
  ) => Promise<Response>
  return async (input, init) => {
    // What changes something is left to the caller, who finds out first whether it happened.
    const isRead = (init?.method ?? 'GET') === 'GET'
    const response = await send(input, { ...init, dispatcher: isRead ? retrying : agent })
    if (!response.ok) throw await readHubReplyError(response, token)
    return response
  }
}

function createAgent(environment: Environment): Agent | EnvHttpProxyAgent {
  const options = {
    // HTTP/2 comes with windows that are too small for large files.
    allowH2: false,
    connect: { timeout: connectMs },
    headersTimeout: answerMs,
    bodyTimeout: silenceMs,
  }
  const proxies = proxiesOf(environment)
  return proxies === undefined
    ? new Agent(options)
    : new EnvHttpProxyAgent({ ...options, ...proxies })
}
