/** How a model class of distilabel is one of ours. */
export interface ModelClass {
  readonly type: 'OpenAILLM' | 'MistralLLM'
  /** The variable that holds the key; `null` where the server wants none. */
  readonly apiKeyEnv: string | null
  /** What its address needs in the end to speak OpenAI's protocol. */
  readonly path?: string
  /** Parameters of generation that have names here; others are left to the provider's request. */
  readonly generation: readonly string[]
  /** Parameters of generation that go into the request as they are. */
  readonly body: readonly string[]
  /** Most tokens of an answer where a dump does not say. */
  readonly maxNewTokens?: number
}

const openAI = {
  type: 'OpenAILLM',
  generation: [
    'max_new_tokens',
    'temperature',
    'top_p',
    'stop',
    'seed',
    'frequency_penalty',
    'presence_penalty',
  ],
  body: ['response_format', 'logit_bias'],
  maxNewTokens: 128,
} as const

/** The model classes that can be imported, by name. */
export const modelClasses: ReadonlyMap<string, ModelClass> = new Map<string, ModelClass>([
  ['OpenAILLM', { ...openAI, apiKeyEnv: 'OPENAI_API_KEY' }],
  ['TogetherLLM', { ...openAI, apiKeyEnv: 'TOGETHER_API_KEY' }],
  ['AnyscaleLLM', { ...openAI, apiKeyEnv: 'ANYSCALE_API_KEY' }],
  ['GroqLLM', { ...openAI, apiKeyEnv: 'GROQ_API_KEY', path: '/openai/v1' }],
  ['ClientvLLM', { ...openAI, apiKeyEnv: null }],
  [
    'MistralLLM',
    {
      type: 'MistralLLM',
      apiKeyEnv: 'MISTRAL_API_KEY',
      generation: ['max_new_tokens', 'temperature', 'top_p'],
      body: [],
    },
  ],
])
