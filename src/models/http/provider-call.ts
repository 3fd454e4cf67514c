import type { ErrorCode } from '../../core/errors.ts'

/** What errors and answers say about where a call went. */
export interface ProviderCall {
  /** The model, such as `OpenAILLM 'gpt-4o-mini'`. */
  readonly who: string
  /** The address that was called, without a query. */
  readonly url: string
  readonly keyVariable: string | undefined
  /** Takes keys out of the provider's texts. */
  readonly redact: (text: string) => string
  /** What to do about errors, where it is something else than elsewhere; each begins with `; `. */
  readonly advice?: Partial<Record<ErrorCode, string>>
}

/** Who calls, before it is known which address is called. */
export type ProviderCaller = Omit<ProviderCall, 'url'>

/** An address without its query and credentials, for messages. */
export function toPublicUrl(url: string): string {
  if (!URL.canParse(url)) return url
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
