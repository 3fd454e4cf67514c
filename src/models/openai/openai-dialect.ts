import type { ChatMessage } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { ModelCapabilities, StructuredMode } from '../../core/model-capabilities.ts'

/** Where a request goes, after the base address. */
export type WirePath = '/chat/completions' | '/completions' | '/responses'

/** A request as it goes over the wire; what is `undefined` in its body JSON leaves out. */
export interface WireRequest {
  readonly path: WirePath
  readonly body: Readonly<Record<string, unknown>>
}

/** How a server's requests differ from those of its like. */
export interface OpenAIDialect {
  readonly capabilities: ModelCapabilities
  /** Parameters of generation that go out under their name in snake case, or another; a dot goes into an object. */
  readonly wireNames: Readonly<Record<string, string>>
  /** Whether its JSON Schema mode only holds a model to schemas of OpenAI's strict form. */
  readonly wantsStrictSchemas: boolean
  /** Whether a tool has to be asked for by `required`, because its name is not heeded. */
  readonly requiresAnyTool: boolean
  /** The member that takes a regular expression. */
  readonly patternMember: 'structured_outputs' | 'response_format'
  /** The member by which a raw prompt's answer is held to a JSON Schema; left out where there is none. */
  readonly promptSchemaMember?: 'response_format' | 'json_schema'
  /** Whether it puts the token that texts begin with before a raw prompt, also where that has it already. */
  readonly startsPrompts?: boolean
  /** What goes along with a prompt that a template has made. */
  readonly renderedMembers?: JsonObject
  /** Whether log-probabilities of a conversation are asked for by a number of tokens instead of a flag. */
  readonly countsLogprobs: boolean
  /** Whether those of a raw prompt are asked for by flag. */
  readonly flagsPromptLogprobs: boolean
}

/** What decides how a model's requests look on the wire. */
export interface OpenAIWireOptions {
  /** Who is asked, for messages: `OpenAILLM 'gpt-4o-mini'`. */
  readonly who: string
  /** The model's name on the wire. */
  readonly model: string
  readonly dialect: OpenAIDialect
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** Whether the longest answer goes as `max_completion_tokens`. */
  readonly wantsCompletionTokens: boolean
  /** Whether it thinks before it answers, and then refuses to be told how to draw tokens. */
  readonly refusesSampling: boolean
  readonly structuredMode: StructuredMode | undefined
  /** Makes a raw prompt of a conversation, which then goes to completions. */
  readonly renderPrompt: PromptRenderer | undefined
  /** Whether conversations go to the Responses API. */
  readonly usesResponses: boolean
}

/** Makes a raw prompt of a conversation. */
export type PromptRenderer = (messages: readonly ChatMessage[]) => string
