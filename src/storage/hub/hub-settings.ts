import type { Environment } from '../../core/environment.ts'

/** Where the Hugging Face Hub is, and who asks it. */
export interface HubSettings {
  /** Without a slash at the end. */
  readonly endpoint: string
  readonly token: string | undefined
  /** The variable that holds the token, or that it belongs into. */
  readonly tokenName: string
}

/** Asked in this order, as Python's `huggingface_hub` does; the file that it keeps a token in is not read. */
const tokenNames = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'] as const

/** Reads the Hub's own variables. */
export function hubSettings(environment: Environment): HubSettings {
  const tokenName = tokenNames.find((name) => (environment[name] ?? '').trim() !== '')
  const endpoint = (environment['HF_ENDPOINT'] ?? '').trim()
  return {
    endpoint: endpoint === '' ? 'https://huggingface.co' : endpoint.replace(/\/+$/, ''),
    token: tokenName === undefined ? undefined : environment[tokenName]?.trim(),
    tokenName: tokenName ?? tokenNames[0],
  }
}
