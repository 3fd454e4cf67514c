import type { Environment } from './environment.ts'

/** Proxies that connections go through. */
export interface Proxies {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  /** Hosts that are called without one. */
  readonly noProxy: string
}

/** The proxies that the environment names; `undefined` where it names none. */
export function proxiesOf(environment: Environment): Proxies | undefined {
  const httpProxy = environment['http_proxy'] ?? environment['HTTP_PROXY']
  const httpsProxy = environment['https_proxy'] ?? environment['HTTPS_PROXY']
  const noProxy = environment['no_proxy'] ?? environment['NO_PROXY']
  if (!httpProxy && !httpsProxy) return undefined
  return {
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: noProxy ?? '',
  }
}
