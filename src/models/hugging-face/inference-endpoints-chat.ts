import type { ChatAnswer, ChatMessage, ChatRequest } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { CallOptions, LLM } from '../../core/llm-spec.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'
import { plainChat } from '../../core/model-capabilities.ts'

import { callProvider } from '../http/json-call.ts'
import { readReplyBody } from '../http/reply-body.ts'
import { createOpenAIChat } from '../openai/openai-chat.ts'
import type { OpenAIDialect } from '../openai/openai-dialect.ts'
import { createPromptWriter } from '../prompt-writer.ts'
import { createChatTemplate } from '../templates/create-chat-template.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { createEndpointAddress } from './endpoint-address.ts'
import type { EndpointConnection, EndpointManager } from './endpoint-manager.ts'
import { createEndpointManager } from './endpoint-manager.ts'
import { textGenerationURL } from './inference-url.ts'
import { toTextGenerationAnswer, toTextGenerationBody } from './text-generation.ts'
import { loadTokenizerTemplate } from './tokenizer-config.ts'

/** A model of Hugging Face that answers. */
export interface InferenceEndpointsChatOptions extends EndpointConnection {
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  readonly chatTemplate: string | undefined
  readonly tokenizerId: string | undefined
  readonly structuredMode: StructuredMode | undefined
}

type PromptWriter = (messages: readonly ChatMessage[]) => string

/** Makes a model live that answers, one attempt a call. */
export async function createInferenceEndpointsChat(
  options: InferenceEndpointsChatOptions,
): Promise<LLM> {
  const { type, model, place, wireModel } = options
  const manager = createEndpointManager(options)
  const address = createEndpointAddress(place, manager)
  const write = await loadWriter(options, manager)
  // An endpoint that was stopped and started may be elsewhere.
  const chats = new Map<string, LLM>()
  const chatAt = (root: string) => {
    const chat = chats.get(root) ?? createOpenAIChat(toChatOptions(options, root))
    chats.set(root, chat)
    return chat
  }
  const isTextGeneration = ({ messages: [first] }: ChatRequest) =>
    first?.role === 'prompt' || write !== undefined
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      const root = await address.root(callOptions?.signal)
      try {
        if (!isTextGeneration(request)) return await chatAt(root).chat(request, callOptions)
        const url = textGenerationURL(place, root, wireModel)
        return await generate({ options, manager, write, url }, request, callOptions)
      } catch (error) {
        throw address.afterError(error)
      }
    },
    async close() {
      await Promise.all([
        manager.http.close(),
        ...[...chats.values()].map((chat) => chat.close?.()),
      ])
    },
  }
}

async function loadWriter(
  options: InferenceEndpointsChatOptions,
  manager: EndpointManager,
): Promise<PromptWriter | undefined> {
  const { type, model, chatTemplate, tokenizerId, environment } = options
  if (chatTemplate === undefined && tokenizerId === undefined) return undefined
  const template =
    chatTemplate ?? (await loadTokenizerTemplate(tokenizerId ?? '', manager, environment))
  return createChatTemplate(template, { who: `${type} '${model}'` })
}

/** A call of text generation. */
interface Generation {
  readonly options: InferenceEndpointsChatOptions
  readonly manager: EndpointManager
  readonly write: PromptWriter | undefined
  readonly url: string
}

async function generate(
  { options, manager, write = rawPrompt, url }: Generation,
  { messages, parameters, sampleIndex, format }: ChatRequest,
  callOptions: CallOptions | undefined,
): Promise<ChatAnswer> {
  const call = manager.callOf(url)
  const asked = {
    // A model that knows what is wanted answers better than one that is only held to it.
    inputs: write(format === undefined ? messages : withFormatInstructions(messages, format)),
    parameters: { ...options.parameters, ...parameters },
    sampleIndex,
    grammar: options.structuredMode === 'instructions' ? undefined : format,
  }
  const body = toTextGenerationBody(asked)
  const outgoing = { url, key: manager.key, body }
  const reply = await callProvider(manager.http, call, outgoing, callOptions)
  const json = toJson(await reply.text())
  // It is a list of one where it comes from the root of an endpoint.
  const [generated] = Array.isArray(json) ? json : [json]
  const read = readReplyBody(call, generated, 'generated_text')
  return toTextGenerationAnswer(call, { body: read, headers: reply.headers }, options.model, asked)
}

/** Without a template only raw prompts come here. */
function rawPrompt(messages: readonly ChatMessage[]): string {
  return createPromptWriter({ who: '', template: undefined, specialTokens: {} })(messages)
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const dialect: OpenAIDialect = {
  capabilities: {
    ...plainChat,
    structured: ['json-schema', 'tool', 'instructions'],
    images: true,
    logprobs: true,
    reasoning: true,
  },
  wireNames: {
    temperature: 'temperature',
    topP: 'top_p',
    stop: 'stop',
    seed: 'seed',
    frequencyPenalty: 'frequency_penalty',
    presencePenalty: 'presence_penalty',
    reasoningEffort: 'reasoning_effort',
    topK: 'top_k',
    repetitionPenalty: 'repetition_penalty',
  },
  wantsStrictSchemas: false,
  requiresAnyTool: false,
  patternMember: 'response_format',
  countsLogprobs: false,
  flagsPromptLogprobs: false,
}

function toChatOptions(options: InferenceEndpointsChatOptions, root: string) {
  const { type, model, wireModel, parameters, structuredMode } = options
  return {
    ...options,
    baseURL: `${root}/v1`,
    mostChoices: 1,
    wire: {
      who: `${type} '${model}'`,
      model: wireModel,
      dialect,
      parameters,
      wantsCompletionTokens: false,
      refusesSampling: false,
      // Chat completions have no regular expressions.
      structuredMode: structuredMode === 'regex' ? undefined : structuredMode,
      renderPrompt: undefined,
      usesResponses: false,
    },
  }
}
