/** Parameters whose names here are not simply distilabel's in camel case, by `Class.parameter` or for all classes. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['base_url', 'baseURL'],
  ['MistralLLM.endpoint', 'baseURL'],
  ['AzureOpenAILLM.base_url', 'endpoint'],
  ['MlxLLM.path_or_hf_repo', 'model'],
  ['TransformersLLM.torch_dtype', 'dtype'],
  ['n_gpu_layers', 'gpuLayers'],
  ['n_ctx', 'contextSize'],
  ['n_batch', 'batchSize'],
  ['aggregator_llm', 'aggregator'],
  ['proposers_llms', 'proposers'],
  ['max_tokens', 'maxNewTokens'],
  ['max_output_tokens', 'maxNewTokens'],
  ['stop_sequences', 'stop'],
  ['custom_llm_provider', 'customLLMProvider'],
  ['CohereLLM.k', 'topK'],
  ['CohereLLM.p', 'topP'],
  ['MlxLLM.temp', 'temperature'],
])

/** What a parameter of a class of distilabel is called here. */
export function parameterName(className: string, name: string): string {
  return exceptions.get(`${className}.${name}`) ?? exceptions.get(name) ?? camelCase(name)
}

/** A name of Python's in the case of ours. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
