import { RetortError } from '../../core/errors.ts'
import type { Environment } from '../../core/environment.ts'
import { createHubFetch } from './hub-fetch.ts'
import type { HubFetch } from './hub-fetch.ts'
import { hubSettings } from './hub-settings.ts'
import type { HubSettings } from './hub-settings.ts'

/** The Hub's library and how it is called. */
export interface Hub {
  readonly library: typeof import('@huggingface/hub')
  readonly settings: HubSettings
  readonly fetch: HubFetch
  /** What each call of the library is given. */
  readonly access: {
    readonly hubUrl: string
    readonly fetch: HubFetch
    readonly accessToken?: string
  }
}

/**
 * Loads the Hub's library and reads who asks it from the environment.
 *
 * @throws RetortError `usage` where HF_ENDPOINT is no URL, `hub-denied` where the token cannot be one
 */
export async function openHub(environment: Environment): Promise<Hub> {
  const settings = hubSettings(environment)
  const { endpoint, token, tokenName } = settings
  if (!URL.canParse(endpoint))
    throw new RetortError(
      'usage',
      `'${endpoint}' is no address of a Hub; set HF_ENDPOINT to one such as https://huggingface.co, or leave it out.`,
    )
  if (token !== undefined && !/^hf_[\x21-\x7E]+$/.test(token))
    throw new RetortError(
      'hub-denied',
      `What ${tokenName} holds is no token of the Hugging Face Hub, which begins with 'hf_'; set one that holds, or none for what is public.`,
    )
  const fetch = createHubFetch(environment, token)
  return {
    library: await import('@huggingface/hub'),
    settings,
    fetch,
    access: { hubUrl: endpoint, fetch, ...(token === undefined ? {} : { accessToken: token }) },
  }
}
