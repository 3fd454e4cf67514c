import type { ModelClass } from './model-class.ts'

const usual = ['max_new_tokens', 'temperature', 'top_p', 'stop'] as const
const penalties = ['frequency_penalty', 'presence_penalty'] as const
const logprobs = ['logprobs', 'top_logprobs'] as const

/** A class whose models stand behind OpenAI's protocol. */
function openAIKind(type: string, keyVariable: string | null): ModelClass {
  return {
    type,
    kind: 'llm',
    keyVariable,
    fields: ['model', 'base_url'],
    generation: [...usual, ...penalties, ...logprobs, 'seed', 'extra_body'],
    body: ['response_format', 'logit_bias'],
    maxNewTokens: 128,
  }
}

/** A class whose models have generation parameters of their own. */
function nativeKind(type: string, keyVariable: string | null): ModelClass {
  return { type, kind: 'llm', keyVariable, fields: ['model'], generation: [...usual] }
}

/** The model classes of distilabel that answer, by name. */
export const llmClasses: Readonly<Record<string, ModelClass>> = {
  OpenAILLM: openAIKind('OpenAILLM', 'OPENAI_API_KEY'),
  TogetherLLM: openAIKind('TogetherLLM', 'TOGETHER_API_KEY'),
  AnyscaleLLM: openAIKind('AnyscaleLLM', 'ANYSCALE_API_KEY'),
  AzureOpenAILLM: {
    ...openAIKind('AzureOpenAILLM', 'AZURE_OPENAI_API_KEY'),
    fields: ['model', 'base_url', 'api_version'],
    wanted: {
      name: 'endpoint',
      placeholder: 'https://NAME.openai.azure.com',
      why: 'which distilabel reads from AZURE_OPENAI_ENDPOINT',
    },
  },
  GroqLLM: {
    ...openAIKind('GroqLLM', 'GROQ_API_KEY'),
    generation: [...usual, 'seed'],
    body: [],
    path: '/openai/v1',
  },
  ClientvLLM: openAIKind('ClientvLLM', null),
  vLLM: {
    ...openAIKind('vLLM', null),
    fields: ['model', 'chat_template'],
    generation: [
      ...usual,
      ...penalties,
      ...logprobs,
      'repetition_penalty',
      'top_k',
      'min_p',
      'seed',
      'stop_token_ids',
      'include_stop_str_in_output',
      'skip_special_tokens',
      'extra_sampling_params',
    ],
  },
  LiteLLM: {
    ...openAIKind('LiteLLM', null),
    fields: ['model'],
    generation: [
      'max_tokens',
      'temperature',
      'top_p',
      'stop',
      ...penalties,
      'custom_llm_provider',
      'mock_response',
    ],
    body: ['logit_bias', 'user', 'metadata', 'functions', 'function_call', 'api_version'],
    idle: ['n', 'force_timeout'],
  },
  MlxLLM: {
    ...nativeKind('MlxLLM', null),
    fields: ['path_or_hf_repo'],
    generation: ['max_tokens', 'temp', 'top_p', 'min_p', 'top_k'],
    idle: [
      'min_tokens_to_keep',
      'max_kv_size',
      'prompt_cache',
      'prefill_step_size',
      'kv_bits',
      'kv_group_size',
      'quantized_kv_start',
      'prompt_progress_callback',
    ],
    maxNewTokens: 256,
  },
  TransformersLLM: {
    ...nativeKind('TransformersLLM', null),
    fields: ['model', 'revision', 'torch_dtype', 'device', 'chat_template'],
    generation: [...usual, 'repetition_penalty', 'top_k', 'do_sample'],
    maxNewTokens: 128,
  },
  LlamaCppLLM: {
    ...nativeKind('LlamaCppLLM', null),
    fields: ['model_path', 'n_gpu_layers', 'n_ctx', 'n_batch', 'seed'],
    generation: [...usual, ...penalties],
    maxNewTokens: 128,
  },
  OllamaLLM: {
    ...nativeKind('OllamaLLM', null),
    fields: ['model', 'host'],
    generation: ['format', 'options', 'keep_alive'],
    isFlat: true,
  },
  InferenceEndpointsLLM: {
    ...nativeKind('InferenceEndpointsLLM', 'HF_TOKEN'),
    fields: [
      'model_id',
      'endpoint_name',
      'endpoint_namespace',
      'base_url',
      'tokenizer_id',
      'model_display_name',
    ],
    generation: [
      ...usual,
      ...penalties,
      ...logprobs,
      'seed',
      'stop_sequences',
      'repetition_penalty',
      'top_k',
      'typical_p',
      'do_sample',
      'watermark',
      'top_n_tokens',
    ],
    body: ['tools', 'tool_choice', 'tool_prompt', 'logit_bias', 'response_format'],
    maxNewTokens: 128,
  },
  MistralLLM: {
    ...nativeKind('MistralLLM', 'MISTRAL_API_KEY'),
    fields: ['model', 'endpoint'],
    generation: ['max_new_tokens', 'temperature', 'top_p'],
  },
  AnthropicLLM: {
    ...nativeKind('AnthropicLLM', 'ANTHROPIC_API_KEY'),
    fields: ['model', 'base_url'],
    generation: ['max_tokens', 'stop_sequences', 'temperature', 'top_p', 'top_k'],
    maxNewTokens: 128,
  },
  CohereLLM: {
    ...nativeKind('CohereLLM', 'COHERE_API_KEY'),
    fields: ['model', 'base_url'],
    generation: ['max_tokens', 'stop_sequences', 'temperature', 'k', 'p', 'seed', ...penalties],
  },
  VertexAILLM: {
    ...nativeKind('VertexAILLM', null),
    generation: ['max_output_tokens', 'stop_sequences', 'temperature', 'top_p', 'top_k'],
  },
  MixtureOfAgentsLLM: {
    ...nativeKind('MixtureOfAgentsLLM', null),
    fields: ['aggregator_llm', 'proposers_llms', 'rounds'],
    generation: [],
  },
}
