/** How a model is held to a form: its provider's JSON Schema mode, a tool that it must call, a regular expression, or words. */
export type StructuredMode = 'json-schema' | 'tool' | 'regex' | 'instructions'

/** What a type of model that answers can do. */
export interface ModelCapabilities {
  /** Whether it answers conversations. */
  readonly chat: boolean
  /** Whether it continues raw prompts. */
  readonly completions: boolean
  /** How it is held to a form, the strongest first; every model can be told in words. */
  readonly structured: readonly StructuredMode[]
  /** Most answers of one call. */
  readonly mostChoices: number
  /** Whether it has batch jobs. */
  readonly batch: boolean
  /** Whether it reads images. */
  readonly images: boolean
  /** Whether it tells log-probabilities. */
  readonly logprobs: boolean
  /** Whether it tells what it thought. */
  readonly reasoning: boolean
}

/** What a model can do that does nothing but answer. */
export const plainChat: ModelCapabilities = {
  chat: true,
  completions: false,
  structured: ['instructions'],
  mostChoices: 1,
  batch: false,
  images: false,
  logprobs: false,
  reasoning: false,
}
