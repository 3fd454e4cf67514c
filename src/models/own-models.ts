import type { Declared } from '../core/columns.ts'
import type { FactoryArguments } from '../core/define-step.ts'
import type { EmbeddingModel } from '../core/embedding-model.ts'
import type { ImageModel } from '../core/image-model.ts'
import type { LiveModel, ModelKind, ModelSpec } from '../core/llm-spec.ts'
import { modelKey } from '../core/own-models.ts'

import {
  toEmbeddingsDefinition,
  toImageModelDefinition,
  toLLMDefinition,
} from './model-definition.ts'
import type {
  EmbeddingsDefinition,
  ImageModelDefinition,
  LLMDefinition,
  LLMOptions,
  ModelDefinition,
  ModelOptions,
} from './model-definition.ts'
import { type ModelSettings, toModelSpec } from './to-model-spec.ts'

/** What a pipeline's author calls to name a model; the code of its type rides along for the worker to register. */
export interface ModelFactory<
  Kind extends ModelKind,
  Params extends object,
  Definition extends ModelDefinition,
> {
  (...args: FactoryArguments<Declared<Params> & ModelSettings>): ModelSpec<Kind>
  /** The code of the type: `definition.create(spec, process.env)` makes a model live, as tests need it. */
  readonly definition: Definition
}

/** What {@link defineLLM} returns. */
export type LLMFactory<Params extends object> = ModelFactory<'llm', Params, LLMDefinition>

/** What {@link defineEmbeddings} returns. */
export type EmbeddingsFactory<Params extends object> = ModelFactory<
  'embeddings',
  Params,
  EmbeddingsDefinition
>

/** What {@link defineImageModel} returns. */
export type ImageModelFactory<Params extends object> = ModelFactory<
  'images',
  Params,
  ImageModelDefinition
>

/** A type of model that turns texts into vectors, as its author writes it. */
export type EmbeddingsOptions<Params extends object, Input = unknown> = ModelOptions<
  Params,
  EmbeddingModel,
  Input
>

/** A type of model that makes images, as its author writes it. */
export type ImageModelOptions<Params extends object, Input = unknown> = ModelOptions<
  Params,
  ImageModel,
  Input
>

/**
 * Defines a type of model that answers, for a provider or a server that none of those built in speaks to.
 *
 * What it returns names such a model in a pipeline, as `openai({ model })` does. Limits, budgets, retries, the journal
 * and the check of structured answers are the engine's: `chat` makes one attempt, and throws a `RetortError` whose code
 * says what follows (`connect` of its context does that). Its code counts as the pipeline's own: `retort worker` is
 * given the file, and YAML names `module` and `export` beside `type`.
 *
 * @example
 * ```ts
 * export const parrot = defineLLM({
 *   type: 'ParrotLLM',
 *   params: z.strictObject({ model: z.string(), baseURL: z.url() }),
 *   identity: ({ model, baseURL }) => ({ provider: baseURL, model, parameters: {} }),
 *   async create({ model, baseURL }, { connect }) {
 *     const server = await connect(`ParrotLLM '${model}'`)
 *     return {
 *       type: 'ParrotLLM',
 *       model,
 *       isSimulated: false,
 *       async chat({ messages }, options) {
 *         const reply = await server.post(`${baseURL}/say`, { model, messages }, options)
 *         return {
 *           choices: [{ text: String(reply['text']), finishReason: 'stop' }],
 *           usage: { inputTokens: Number(reply['read']), outputTokens: Number(reply['said']) },
 *           model,
 *         }
 *       },
 *       close: () => server.close(),
 *     }
 *   },
 * })
 *
 * textGeneration({ llm: parrot({ model: 'grey', baseURL: 'http://127.0.0.1:9000', limits: { maxConcurrency: 4 } }) })
 * ```
 */
export function defineLLM<Params extends object, Input extends object = Params>(
  options: LLMOptions<Params, Input>,
): LLMFactory<Input> {
  return createFactory(toLLMDefinition<Params>(options))
}

/** Defines a type of model that turns texts into vectors, as {@link defineLLM} does one that answers. */
export function defineEmbeddings<Params extends object, Input extends object = Params>(
  options: EmbeddingsOptions<Params, Input>,
): EmbeddingsFactory<Input> {
  return createFactory(toEmbeddingsDefinition<Params>(options))
}

/** Defines a type of model that makes images, as {@link defineLLM} does one that answers. */
export function defineImageModel<Params extends object, Input extends object = Params>(
  options: ImageModelOptions<Params, Input>,
): ImageModelFactory<Input> {
  return createFactory(toImageModelDefinition<Params>(options))
}

function createFactory<
  Kind extends ModelKind,
  Live extends LiveModel,
  Definition extends ModelDefinition<Kind, Live>,
  Params extends object,
>(definition: Definition & ModelDefinition<Kind, Live>): ModelFactory<Kind, Params, Definition> {
  const create = (options: ModelSettings = {}): ModelSpec<Kind> =>
    // A copy with other limits is still of this type.
    Object.assign(toModelSpec(definition, options), { [modelKey]: definition })
  return Object.assign(create, { definition })
}
