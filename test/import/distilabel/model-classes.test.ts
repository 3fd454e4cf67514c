import { expect, test } from 'vitest'

import type { ModelSpec } from '../../../src/core/llm-spec.ts'
import { modelClasses } from '../../../src/import/distilabel/model-classes.ts'
import { modelDefinitions } from '../../../src/models/model-definitions.ts'
import { dumped, translatedStep } from './little-dump.ts'

const steps = {
  llm: ['TextGeneration', 'llm', 'llm'],
  embeddings: ['EmbeddingGeneration', 'embeddings', 'embeddings'],
  images: ['ImageGeneration', 'image_generation_model', 'imageGenerationModel'],
} as const

/** What every dumped model that answers has beside its own fields. */
const ofLLMs = {
  use_offline_batch_generation: false,
  offline_batch_generation_block_until_done: null,
  jobs_ids: null,
  structured_output: null,
}
const ofClients = { ...ofLLMs, max_retries: 6, timeout: 120, api_key: '**********' }
const ofGPUs = { cuda_devices: 'auto', disable_cuda_device_placement: false }
const ofMagpie = { use_magpie_template: false, magpie_pre_query_template: null }

function translated(name: string, fields: object): ModelSpec {
  const kind = modelClasses.get(name)?.kind ?? 'llm'
  const [step, field, parameter] = steps[kind]
  const params = translatedStep(dumped(step, { [field]: dumped(name, fields) }))['params']
  return (params as Readonly<Record<string, ModelSpec>>)[parameter] as ModelSpec
}

/** Classes with the fields that a dump has of them, and the parameters that they become. */
const classes: readonly (readonly [string, object, object])[] = [
  [
    'OpenAILLM',
    {
      ...ofClients,
      model: 'gpt-4o',
      base_url: 'https://api.openai.com/v1',
      default_headers: null,
      generation_kwargs: {
        max_new_tokens: 9,
        logprobs: true,
        top_logprobs: 2,
        echo: false,
        frequency_penalty: 0,
        presence_penalty: 0,
        temperature: 1,
        top_p: 1,
        stop: ['END'],
        response_format: { type: 'json_object' },
        extra_body: { service_tier: 'flex' },
      },
    },
    {
      model: 'gpt-4o',
      baseURL: 'https://api.openai.com/v1',
      generationKwargs: {
        maxNewTokens: 9,
        logprobs: true,
        topLogprobs: 2,
        frequencyPenalty: 0,
        presencePenalty: 0,
        temperature: 1,
        topP: 1,
        stop: ['END'],
        extraBody: { response_format: { type: 'json_object' }, service_tier: 'flex' },
      },
    },
  ],
  [
    'TogetherLLM',
    { ...ofClients, model: 'm', base_url: 'https://api.together.xyz/v1', generation_kwargs: {} },
    {
      model: 'm',
      baseURL: 'https://api.together.xyz/v1',
      generationKwargs: { maxNewTokens: 128 },
    },
  ],
  [
    'AnyscaleLLM',
    { ...ofClients, model: 'm', base_url: 'https://api.endpoints.anyscale.com/v1' },
    {
      model: 'm',
      baseURL: 'https://api.endpoints.anyscale.com/v1',
      generationKwargs: { maxNewTokens: 128 },
    },
  ],
  [
    'AzureOpenAILLM',
    {
      ...ofClients,
      model: 'gpt-4o',
      base_url: 'https://mine.openai.azure.com',
      api_version: '2024-10-21',
    },
    {
      model: 'gpt-4o',
      endpoint: 'https://mine.openai.azure.com',
      apiVersion: '2024-10-21',
      generationKwargs: { maxNewTokens: 128 },
    },
  ],
  [
    'GroqLLM',
    {
      ...ofClients,
      model: 'm',
      base_url: 'https://api.groq.com',
      generation_kwargs: { seed: 3, stop: null },
    },
    {
      model: 'm',
      baseURL: 'https://api.groq.com/openai/v1',
      generationKwargs: { maxNewTokens: 128, seed: 3 },
    },
  ],
  [
    'ClientvLLM',
    {
      ...ofClients,
      ...ofMagpie,
      model: '',
      base_url: 'http://127.0.0.1:8000/v1',
      tokenizer: null,
      tokenizer_revision: null,
      generation_kwargs: { logit_bias: { 5: 1 } },
    },
    {
      baseURL: 'http://127.0.0.1:8000/v1',
      generationKwargs: { maxNewTokens: 128, extraBody: { logit_bias: { 5: 1 } } },
    },
  ],
  [
    'vLLM',
    {
      ...ofLLMs,
      ...ofGPUs,
      ...ofMagpie,
      model: 'owner/model',
      dtype: 'auto',
      trust_remote_code: false,
      quantization: null,
      revision: null,
      tokenizer: null,
      tokenizer_mode: 'auto',
      tokenizer_revision: null,
      skip_tokenizer_init: false,
      chat_template: '{{ messages }}',
      seed: 0,
      extra_kwargs: {},
      generation_kwargs: {
        max_new_tokens: 9,
        repetition_penalty: 1.1,
        top_k: -1,
        min_p: 0,
        logprobs: 3,
        stop_token_ids: [1],
        include_stop_str_in_output: true,
        skip_special_tokens: false,
        logits_processors: null,
        extra_sampling_params: { min_tokens: 2 },
        echo: true,
      },
    },
    {
      model: 'owner/model',
      chatTemplate: '{{ messages }}',
      generationKwargs: {
        maxNewTokens: 9,
        repetitionPenalty: 1.1,
        topK: -1,
        minP: 0,
        logprobs: true,
        topLogprobs: 3,
        stopTokenIds: [1],
        includeStopStrInOutput: true,
        skipSpecialTokens: false,
        extraBody: { min_tokens: 2 },
      },
    },
  ],
  [
    'LiteLLM',
    {
      ...ofLLMs,
      model: 'gpt-4o',
      verbose: false,
      generation_kwargs: {
        temperature: 1,
        top_p: 1,
        max_tokens: 9,
        n: 1,
        user: 'me',
        mock_response: 'Hi',
        force_timeout: 600,
        custom_llm_provider: 'openai',
        api_base: null,
      },
    },
    {
      model: 'gpt-4o',
      generationKwargs: {
        temperature: 1,
        topP: 1,
        maxNewTokens: 9,
        mockResponse: 'Hi',
        customLLMProvider: 'openai',
        extraBody: { user: 'me' },
      },
    },
  ],
  [
    'MlxLLM',
    {
      ...ofLLMs,
      ...ofMagpie,
      path_or_hf_repo: 'owner/model',
      tokenizer_config: {},
      mlx_model_config: {},
      adapter_path: null,
      generation_kwargs: { temp: 0, top_p: 0, min_p: 0, top_k: -1, prefill_step_size: 512 },
    },
    {
      model: 'owner/model',
      generationKwargs: { maxNewTokens: 256, temperature: 0, minP: 0, topK: -1 },
    },
  ],
  [
    'TransformersLLM',
    {
      ...ofLLMs,
      ...ofGPUs,
      ...ofMagpie,
      model: 'owner/model',
      revision: 'main',
      torch_dtype: 'auto',
      trust_remote_code: false,
      model_kwargs: null,
      tokenizer: null,
      use_fast: true,
      chat_template: null,
      device: null,
      device_map: null,
      token: null,
      generation_kwargs: { temperature: 0.1, repetition_penalty: 1.1, top_k: 0, do_sample: true },
    },
    {
      model: 'owner/model',
      revision: 'main',
      generationKwargs: {
        maxNewTokens: 128,
        temperature: 0.1,
        repetitionPenalty: 1.1,
        topK: 0,
        doSample: true,
      },
    },
  ],
  [
    'LlamaCppLLM',
    {
      ...ofLLMs,
      ...ofMagpie,
      model_path: ['/', 'models', 'small.gguf'],
      n_gpu_layers: -1,
      chat_format: null,
      n_ctx: 512,
      n_batch: 512,
      seed: 4294967295,
      verbose: false,
      extra_kwargs: {},
      tokenizer_id: null,
      generation_kwargs: { frequency_penalty: 0.1 },
    },
    {
      modelPath: '/models/small.gguf',
      gpuLayers: -1,
      contextSize: 512,
      batchSize: 512,
      generationKwargs: { maxNewTokens: 128, frequencyPenalty: 0.1 },
    },
  ],
  [
    'OllamaLLM',
    {
      ...ofLLMs,
      ...ofMagpie,
      model: 'llama3',
      host: 'http://127.0.0.1:11434',
      timeout: 300,
      follow_redirects: true,
      tokenizer_id: null,
      generation_kwargs: {
        format: 'json',
        options: { num_ctx: 8192, f16_kv: true, stop: ['END'] },
        keep_alive: true,
      },
    },
    {
      model: 'llama3',
      host: 'http://127.0.0.1:11434',
      format: 'json',
      options: { numCtx: 8192, f16Kv: true, stop: ['END'] },
      timeouts: { firstByteSeconds: 300, callSeconds: 300 },
    },
  ],
  [
    'InferenceEndpointsLLM',
    {
      ...ofLLMs,
      ...ofMagpie,
      api_key: '**********',
      model_id: 'owner/model',
      endpoint_name: null,
      endpoint_namespace: null,
      base_url: 'https://api-inference.huggingface.co/models/owner/model',
      tokenizer_id: 'owner/model',
      model_display_name: 'Model',
      generation_kwargs: {
        max_new_tokens: 9,
        stop_sequences: ['END'],
        top_k: 5,
        typical_p: 0.9,
        do_sample: true,
        watermark: false,
        return_full_text: false,
        seed: 3,
        tool_prompt: 'x',
      },
    },
    {
      modelId: 'owner/model',
      tokenizerId: 'owner/model',
      modelDisplayName: 'Model',
      generationKwargs: {
        maxNewTokens: 9,
        stop: ['END'],
        topK: 5,
        typicalP: 0.9,
        doSample: true,
        watermark: false,
        seed: 3,
        extraBody: { tool_prompt: 'x' },
      },
    },
  ],
  [
    'MistralLLM',
    {
      ...ofClients,
      model: 'm',
      endpoint: 'https://api.mistral.ai',
      generation_kwargs: { max_new_tokens: 9, temperature: 0.5, top_p: 1 },
    },
    {
      model: 'm',
      baseURL: 'https://api.mistral.ai',
      generationKwargs: { maxNewTokens: 9, temperature: 0.5, topP: 1 },
    },
  ],
  [
    'AnthropicLLM',
    {
      ...ofClients,
      timeout: 600,
      model: 'claude-opus-4-5',
      base_url: 'https://api.anthropic.com',
      generation_kwargs: { max_tokens: 9, stop_sequences: ['END'], temperature: 1, top_k: 5 },
    },
    {
      model: 'claude-opus-4-5',
      baseURL: 'https://api.anthropic.com',
      generationKwargs: { maxNewTokens: 9, stop: ['END'], temperature: 1, topK: 5 },
    },
  ],
  [
    'CohereLLM',
    {
      ...ofClients,
      model: 'command-a',
      base_url: 'https://api.cohere.ai/v1',
      client_name: 'distilabel',
      generation_kwargs: { max_tokens: 9, k: 5, p: 0.9, seed: 3, stop_sequences: ['END'] },
    },
    {
      model: 'command-a',
      baseURL: 'https://api.cohere.ai/v1',
      generationKwargs: { maxNewTokens: 9, topK: 5, topP: 0.9, seed: 3, stop: ['END'] },
    },
  ],
  [
    'VertexAILLM',
    {
      ...ofLLMs,
      model: 'gemini-2.5-flash',
      generation_kwargs: { max_output_tokens: 9, stop_sequences: ['END'], top_k: 5, tools: null },
    },
    {
      model: 'gemini-2.5-flash',
      generationKwargs: { maxNewTokens: 9, stop: ['END'], topK: 5 },
    },
  ],
  [
    'MixtureOfAgentsLLM',
    {
      ...ofLLMs,
      generation_kwargs: {},
      aggregator_llm: dumped('OpenAILLM', { ...ofClients, model: 'judge' }),
      proposers_llms: [dumped('MistralLLM', { ...ofClients, model: 'one' })],
      rounds: 2,
    },
    {
      aggregator: {
        type: 'OpenAILLM',
        params: { model: 'judge', generationKwargs: { maxNewTokens: 128 } },
      },
      proposers: [{ type: 'MistralLLM', params: { model: 'one' } }],
      rounds: 2,
    },
  ],
  [
    'SentenceTransformerEmbeddings',
    {
      ...ofGPUs,
      model: 'owner/model',
      device: null,
      prompts: { query: 'query: ' },
      default_prompt_name: 'query',
      trust_remote_code: false,
      revision: null,
      token: null,
      truncate_dim: 256,
      model_kwargs: null,
      tokenizer_kwargs: null,
      config_kwargs: null,
      precision: 'float32',
      normalize_embeddings: true,
    },
    {
      model: 'owner/model',
      prompts: { query: 'query: ' },
      defaultPromptName: 'query',
      truncateDim: 256,
      normalizeEmbeddings: true,
    },
  ],
  [
    'vLLMEmbeddings',
    {
      ...ofGPUs,
      model: 'owner/model',
      dtype: 'auto',
      trust_remote_code: false,
      quantization: null,
      revision: null,
      enforce_eager: true,
      seed: 0,
      extra_kwargs: {},
    },
    { model: 'owner/model' },
  ],
  [
    'LlamaCppEmbeddings',
    {
      ...ofGPUs,
      model: 'small.gguf',
      model_path: '/models',
      repo_id: null,
      n_gpu_layers: -1,
      n_ctx: 512,
      n_batch: 512,
      seed: 4294967295,
      normalize_embeddings: false,
      verbose: false,
      extra_kwargs: {},
    },
    {
      modelPath: '/models/small.gguf',
      gpuLayers: -1,
      contextSize: 512,
      normalizeEmbeddings: false,
    },
  ],
  [
    'OpenAIImageGeneration',
    {
      ...ofClients,
      model: 'dall-e-3',
      base_url: 'https://api.openai.com/v1',
      default_headers: null,
      generation_kwargs: { quality: 'hd', response_format: 'url', size: '1024x1024' },
    },
    {
      model: 'dall-e-3',
      baseURL: 'https://api.openai.com/v1',
      quality: 'hd',
      responseFormat: 'url',
      size: '1024x1024',
    },
  ],
  [
    'InferenceEndpointsImageGeneration',
    {
      api_key: '**********',
      endpoint_name: 'mine',
      endpoint_namespace: 'me',
      base_url: 'https://x.endpoints.huggingface.cloud',
      generation_kwargs: { negative_prompt: 'people', num_inference_steps: 20, height: null },
    },
    {
      endpointName: 'mine',
      endpointNamespace: 'me',
      negativePrompt: 'people',
      numInferenceSteps: 20,
    },
  ],
]

test.for(classes)('%s becomes ours, with its parameters', ([name, fields, params]) => {
  const spec = translated(name, fields)
  expect(spec).toEqual({ type: name, params })
  expect(modelDefinitions.get(spec.type)?.identity(spec)).toBeDefined()
})

test('every class is among them', () => {
  expect(classes.map(([name]) => name).toSorted()).toEqual([...modelClasses.keys()].toSorted())
})
