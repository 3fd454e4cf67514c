import { z } from 'zod'

import { providerOf, providerShape } from '../model-params.ts'

/** What both types of Ollama's models take. */
export interface OllamaServerOptions {
  /** The server's address, `http://127.0.0.1:11434` by default; a scheme may be left out, as in `OLLAMA_HOST`. */
  readonly host?: string
  /** Seconds, or a duration such as `10m`, that the model stays loaded behind a call; negative: for good. */
  readonly keepAlive?: string | number
}

const { model, apiKeyEnv, provider, timeouts } = providerShape

/** JSON Schema of {@link OllamaServerOptions}, and of what any provider's models share. */
export const ollamaServerShape = {
  model,
  apiKeyEnv,
  provider,
  timeouts,
  host: z
    .string()
    .refine((host) => URL.canParse(withScheme(host)), 'it takes an address of a server')
    .optional()
    .describe("The server's address; http://127.0.0.1:11434 by default."),
  keepAlive: z
    .union([z.string(), z.number()])
    .optional()
    .describe('How long the model stays loaded: seconds, or a duration such as 10m.'),
}

const defaultHost = 'http://127.0.0.1:11434'

/** The whole address of a host, without a slash at its end. */
export function toHost(host: string = defaultHost): string {
  const url = new URL(withScheme(host))
  if (url.port === '' && !host.includes('://')) url.port = '11434'
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function withScheme(host: string): string {
  return host.includes('://') ? host : `http://${host}`
}

/** The provider's name in signatures and limit groups. */
export function ollamaProviderOf(given: {
  provider?: string | undefined
  host?: string | undefined
}) {
  return given.provider ?? providerOf(toHost(given.host))
}
