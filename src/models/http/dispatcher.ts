import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici'

import type { Environment } from '../../core/environment.ts'
import { proxiesOf } from '../../core/proxies.ts'

/** Makes what connects to a provider: over HTTP/1.1, and through a proxy where the environment names one. */
export function createDispatcher(environment: Environment, connectMs: number): Dispatcher {
  const options = {
    // With HTTP/2 one lost connection would take a hundred calls along.
    allowH2: false,
    connect: { timeout: connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 15_000,
  }
  const proxies = proxiesOf(environment)
  return proxies === undefined
    ? new Agent(options)
    : new EnvHttpProxyAgent({ ...options, ...proxies })
}
