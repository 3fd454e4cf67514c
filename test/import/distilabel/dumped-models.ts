/** A class, the fields that a dump has of it, and the parameters that they become. */
export type DumpedModel = readonly [className: string, fields: object, params: object]

/** What every dumped model that answers has beside its own fields. */
export const ofLLMs = {
  use_offline_batch_generation: false,
  offline_batch_generation_block_until_done: null,
  jobs_ids: null,
  structured_output: null,
}
export const ofClients = { ...ofLLMs, max_retries: 6, timeout: 120, api_key: '**********' }
export const ofGPUs = { cuda_devices: 'auto', disable_cuda_device_placement: false }
export const ofMagpie = { use_magpie_template: false, magpie_pre_query_template: null }

/** Models behind OpenAI's protocol. */
export const openAIKinds: readonly DumpedModel[] = [
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
]
