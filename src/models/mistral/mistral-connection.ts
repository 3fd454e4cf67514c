import type { ModelConnection } from '../http/model-connection.ts'
import { withoutVersion } from '../model-params.ts'

/** Where one of Mistral's models is, and who calls it. */
export interface MistralConnection extends ModelConnection {
  /** Without the `/v1`. */
  readonly serverURL: string
}

/** Where Mistral is. */
export const mistralServerURL = 'https://api.mistral.ai'

/** An address without the `/v1`, which is added to all paths. */
export function toServerURL(baseURL: string = mistralServerURL): string {
  return withoutVersion(baseURL)
}
