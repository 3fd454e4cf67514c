import { z } from 'zod'

import type { Schema } from '../../core/columns.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'
import { type ModelCapabilities, plainChat } from '../../core/model-capabilities.ts'

import { type LLMDefinition, type ModelContext, toLLMDefinition } from '../model-definition.ts'
import {
  type LLMTimeouts,
  addressSchema,
  defaultMaxNewTokens,
  providerOf,
  providerShape,
  thinkingMaxNewTokens,
  toMilliseconds,
} from '../model-params.ts'
import type { OpenAIChatOptions } from './openai-chat.ts'
import type { OpenAIConnection } from './openai-client.ts'
import type { OpenAIDialect, PromptRenderer } from './openai-dialect.ts'
import { logprobKwargsShape, serverKwargsShape } from './openai-params.ts'
import { isReasoningModel, refusesSampling } from './reasoning-models.ts'

/** Parameters of a model as they come out of the schema. */
export interface OpenAIParams {
  readonly model: string
  readonly baseURL?: string | undefined
  readonly apiKeyEnv?: string | null | undefined
  readonly provider?: string | undefined
  readonly timeouts?: LLMTimeouts | undefined
  readonly structuredMode?: StructuredMode | undefined
  readonly chatTemplate?: string | undefined
  readonly generationKwargs?: JsonObject | undefined
}

/** Where a model is. */
export interface OpenAIPlace extends Pick<
  OpenAIConnection,
  'baseURL' | 'keyHeader' | 'headers' | 'query'
> {
  /** The model's name on the wire, where it is another. */
  readonly wireModel?: string
}

/** A type of model behind a server that speaks OpenAI's API. */
export interface OpenAIFamilyMember<Params extends OpenAIParams> {
  readonly type: string
  readonly factory: string
  readonly description: string
  /** Where the server is, unless the parameters say so; `connect` says so where it is left out. */
  readonly baseURL?: string
  /** The environment variable of the key; none is wanted where it is left out, unless the parameters name one. */
  readonly keyVariable?: string
  readonly capabilities: Partial<ModelCapabilities>
  readonly dialect?: Partial<Omit<OpenAIDialect, 'capabilities'>>
  /** JSON Schema of further parameters. */
  readonly paramsShape?: z.core.$ZodLooseShape
  /** JSON Schema of further parameters of generation. */
  readonly kwargsShape?: Readonly<Record<string, z.ZodType>>
  /** Whether every model takes `max_completion_tokens`. */
  readonly wantsCompletionTokens?: boolean
  /** The names of parameters that stand in an identity where they are given. */
  readonly identityParams?: readonly (keyof Params & string)[]
  connect?(params: Params): OpenAIPlace
  /** Whether conversations go to the Responses API. */
  usesResponses?(params: Params): boolean
  mostChoices?(params: Params): number
  /** Makes the model live; by default as `createOpenAIChat` does. */
  createLive?(options: OpenAIChatOptions, params: Params): Promise<LLM>
}

/** Makes the code of a type of model whose server speaks OpenAI's API. */
export function defineOpenAILLM<Params extends OpenAIParams>(
  member: OpenAIFamilyMember<Params>,
): LLMDefinition {
  const capabilities = { ...plainChat, ...member.capabilities }
  const kwargsShape = {
    ...serverKwargsShape,
    ...(capabilities.logprobs ? logprobKwargsShape : {}),
    ...member.kwargsShape,
  }
  const dialect = toDialect(member, capabilities, Object.keys(kwargsShape))
  const placeOf = (given: Params): OpenAIPlace =>
    member.connect?.(given) ?? { baseURL: given.baseURL ?? member.baseURL ?? '' }
  const { baseURL: _, ...shared } = providerShape
  const params = z.strictObject({
    ...shared,
    ...(member.baseURL === undefined ? {} : { baseURL: addressSchema(member.baseURL) }),
    structuredMode: z
      .enum(capabilities.structured)
      .optional()
      .describe('How answers are held to a form; the first of these that can be, by default.'),
    ...(capabilities.completions
      ? {
          chatTemplate: z
            .string()
            .min(1)
            .optional()
            .describe(
              'A Jinja template, or a family such as llama3, by which conversations become raw prompts here.',
            ),
        }
      : {}),
    ...member.paramsShape,
    generationKwargs: z.strictObject(kwargsShape).optional(),
  })

  async function toOptions(
    given: Params,
    { environment, key, keyVariable }: ModelContext,
  ): Promise<OpenAIChatOptions> {
    const { type } = member
    const { model } = given
    const { wireModel = model, ...place } = placeOf(given)
    const who = `${type} '${model}'`
    const renderPrompt = await loadTemplate(given.chatTemplate, who)
    return {
      type,
      model,
      keyVariable,
      key,
      environment,
      timeouts: toMilliseconds(given.timeouts),
      ...place,
      mostChoices: member.mostChoices?.(given) ?? capabilities.mostChoices,
      wire: {
        who,
        model: wireModel,
        dialect,
        parameters: withDefaults(given),
        wantsCompletionTokens: member.wantsCompletionTokens ?? isReasoningModel(model),
        refusesSampling: refusesSampling(model),
        structuredMode: given.structuredMode,
        renderPrompt,
        usesResponses: member.usesResponses?.(given) ?? false,
      },
    }
  }

  return toLLMDefinition<Params>({
    type: member.type,
    factory: member.factory,
    description: member.description,
    capabilities,
    // What the members of the family name themselves is in their own shapes.
    params: params as unknown as Schema<Params>,
    identity: (given) => ({
      provider: given.provider ?? providerOf(placeOf(given).baseURL),
      model: given.model,
      parameters: {
        ...withDefaults(given),
        ...pick(given, ['structuredMode', 'chatTemplate', ...(member.identityParams ?? [])]),
      },
    }),
    keyVariable: member.keyVariable,
    offersJobs: (given) => capabilities.batch && placeOf(given).baseURL === member.baseURL,
    async create(given, context) {
      const options = await toOptions(given, context)
      if (member.createLive !== undefined) return member.createLive(options, given)
      const { createOpenAIChat } = await import('./openai-chat.ts')
      return createOpenAIChat(options)
    },
  })
}

function toDialect<Params extends OpenAIParams>(
  { dialect }: OpenAIFamilyMember<Params>,
  capabilities: ModelCapabilities,
  names: readonly string[],
): OpenAIDialect {
  return {
    wantsStrictSchemas: false,
    requiresAnyTool: false,
    patternMember: 'structured_outputs',
    countsLogprobs: false,
    flagsPromptLogprobs: false,
    ...dialect,
    capabilities,
    wireNames: {
      ...Object.fromEntries(names.map((name) => [name, toSnakeCase(name)])),
      ...dialect?.wireNames,
    },
  }
}

async function loadTemplate(
  template: string | undefined,
  who: string,
): Promise<PromptRenderer | undefined> {
  if (template === undefined) return undefined
  const { createChatTemplate } = await import('../templates/create-chat-template.ts')
  return createChatTemplate(template, { who })
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function withDefaults({ model, generationKwargs }: OpenAIParams): JsonObject {
  const effort = generationKwargs?.['reasoningEffort'] ?? 'none'
  const thinks = isReasoningModel(model) || effort !== 'none'
  return {
    maxNewTokens: thinks ? thinkingMaxNewTokens : defaultMaxNewTokens,
    ...generationKwargs,
  }
}

/** Those of some members that are there. */
function pick(given: object, names: readonly string[]): JsonObject {
  // The schema has checked that they are JSON.
  const members = Object.entries(given) as [string, JsonValue | undefined][]
  return Object.fromEntries(
    members.flatMap(([name, value]) =>
      names.includes(name) && value !== undefined ? [[name, value]] : [],
    ),
  )
}
