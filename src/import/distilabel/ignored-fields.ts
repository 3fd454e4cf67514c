import { holdsSecret, isSecretName } from './secret-field.ts'

/** What of every dumped object is bookkeeping: where it runs, what it is, what may be set, how often it is repeated. */
const bookkeeping: readonly string[] = [
  'name',
  'resources',
  'input_mappings',
  'output_mappings',
  'use_cache',
  'runtime_parameters_info',
  'type_info',
  'pipeline',
  'exclude_from_signature',
  'batch_size',
  'max_retries',
  'jobs_ids',
  'offline_batch_generation_block_until_done',
  'cuda_devices',
  'disable_cuda_device_placement',
  // Only Magpie asks for its template.
  'use_magpie_template',
  'magpie_pre_query_template',
]

/** Further fields that change nothing, by `Class.field`. */
const withoutEffect: readonly string[] = [
  // A text needs no schema.
  'TextGeneration.use_system_prompt',
  'TextGeneration.use_default_structured_output',
  'LoadDataFromFileSystem.streaming',
  'LoadDataFromHub.streaming',
  'LoadDataFromDisk.streaming',
  'LoadDataFromDisk.keep_in_memory',
  // What a folder holds is found out by looking.
  'LoadDataFromDisk.is_distiset',
  'LlamaCppLLM.verbose',
  'LlamaCppEmbeddings.verbose',
  'LiteLLM.verbose',
  'CohereLLM.client_name',
  'OllamaLLM.follow_redirects',
  'TransformersLLM.use_fast',
  'vLLMEmbeddings.enforce_eager',
  // It divides token counts, which are no column here.
  'ExpandColumns.split_statistics',
]

/** Values with which a field asks for nothing, by `Class.field` or for all classes. */
const neutral: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['use_default_structured_output', false],
  ['use_offline_batch_generation', false],
  // Options of models with the values that change nothing.
  ['trust_remote_code', false],
  ['vLLM.dtype', 'auto'],
  ['vLLM.tokenizer_mode', 'auto'],
  ['vLLM.skip_tokenizer_init', false],
  ['vLLM.seed', 0],
  ['vLLMEmbeddings.dtype', 'auto'],
  ['vLLMEmbeddings.seed', 0],
  ['SentenceTransformerEmbeddings.precision', 'float32'],
  ['LlamaCppEmbeddings.n_batch', 512],
  // What local files are one split of.
  ['LoadDataFromFileSystem.split', 'train'],
  // Told of every folder, also of those that have no configs.
  ['LoadDataFromDisk.config', 'default'],
])

/** Whether a field may be left out without changing what a pipeline makes. */
export function isIgnored(className: string, field: string, value: unknown): boolean {
  if (value === null || value === undefined || bookkeeping.includes(field)) return true
  if (isSecretName(field) && !holdsSecret(field, value)) return true
  const named = `${className}.${field}`
  return withoutEffect.includes(named) || [named, field].some((key) => neutral.get(key) === value)
}
