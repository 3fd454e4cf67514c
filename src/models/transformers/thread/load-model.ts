import type { PreTrainedModel, PreTrainedTokenizer } from '@huggingface/transformers'

import { RetortError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'

import { toConnectionError } from '../../http/connection-error.ts'
import { importPeer } from '../../import-peer.ts'
import type { createPromptWriter } from '../../prompt-writer.ts'
import type { LoadOptions, ModelFacts } from '../thread-messages.ts'

type Module = typeof import('@huggingface/transformers')

/** A model that is loaded, with its tokenizer. */
export interface LoadedModel {
  readonly who: string
  readonly module: Module
  readonly model: PreTrainedModel
  readonly tokenizer: PreTrainedTokenizer
  readonly facts: ModelFacts
  /** What writes prompts, by the template that it follows. */
  readonly promptWriters: Map<string | undefined, ReturnType<typeof createPromptWriter>>
}

/** A number that stands for none, as tokenizers have it. */
const unlimited = 1e9
const defaultMaxLength = 512

/** Loads a model with its tokenizer, from a folder or from the Hub. */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const { who, source, isLocal, revision, dtype, device, threads } = options
  const module = await importPeer(
    '@huggingface/transformers',
    options.type,
    () => import('@huggingface/transformers'),
  )
  const { AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer, env, LogLevel } = module
  // It writes prompts to the console where a model fails.
  env.logLevel = LogLevel.NONE
  env.allowRemoteModels = !isLocal
  env.remoteHost = options.host
  env.cacheDir = options.cacheDir
  const from = { revision, local_files_only: isLocal }
  const Model = options.task === 'text-generation' ? AutoModelForCausalLM : AutoModel
  try {
    // A tokenizer that is not there fails without saying so, and a model that is not there does not.
    await AutoConfig.from_pretrained(source, from)
    const tokenizer = await AutoTokenizer.from_pretrained(source, from)
    const model = await Model.from_pretrained(source, {
      ...from,
      // What the library takes is checked by the parameters' schema, and by itself once more.
      ...(dtype === undefined ? {} : { dtype: dtype as 'auto' }),
      ...(device === undefined ? {} : { device: device as 'auto' }),
      session_options: threads === undefined ? {} : { intraOpNumThreads: threads },
    })
    const maxLength = Math.min(
      positive(tokenizer.config, 'model_max_length'),
      positive(model.config, 'max_position_embeddings'),
    )
    const facts = { maxLength: maxLength < unlimited ? maxLength : defaultMaxLength }
    return { who, module, model, tokenizer, facts, promptWriters: new Map() }
  } catch (error) {
    throw toLoadError(options, error)
  }
}

function positive(config: unknown, name: string): number {
  const value = isObject(config) ? config[name] : undefined
  return typeof value === 'number' && value > 0 ? value : Number.POSITIVE_INFINITY
}

function toLoadError(options: LoadOptions, error: unknown): RetortError {
  const { who, source, isLocal, host, revision } = options
  const message = error instanceof Error ? error.message : String(error)
  const said = message.slice(0, 500).replace(/\.$/, '')
  const where = isLocal ? `the folder '${source}'` : `'${source}' (${revision}) at ${host}`
  const fail = (code: RetortError['code'], sentence: string) =>
    new RetortError(code, sentence, { data: { source }, cause: error })
  if (
    /Could not locate file|was not found locally|Local file missing|invalid model ID/i.test(message)
  )
    return fail(
      isLocal ? 'file-missing' : 'model-unknown',
      `${who} misses a file of ${where}: ${said}; it takes a model with ONNX weights of the dtype, and './' in front of a folder's path.`,
    )
  if (isLocal) return fail('file-malformed', `${who} could not load ${where}: ${said}.`)
  if (/Unauthorized access|Forbidden access/i.test(message))
    return fail(
      'authentication',
      `${who} may not read ${where}: ${said}; set HF_TOKEN to a key that may.`,
    )
  if (/Error \(\d+\)|Internal server|Bad gateway|Service unavailable|timed? ?out/i.test(message))
    return fail('provider-unavailable', `${who} could not get ${where}: ${said}.`)
  if (error instanceof TypeError && error.cause !== undefined)
    return toConnectionError(
      { who, url: host, keyVariable: undefined, redact: (text) => text },
      error,
    )
  return fail('file-malformed', `${who} could not load ${where}: ${said}.`)
}
