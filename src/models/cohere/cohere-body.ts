import type { AnswerFormat, ChatMessage, ChatRequest } from '../../core/chat.ts'
import { imagesOf, textOf } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { toolOf } from '../structured/tool-of.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'

import { toCohereSchema } from './cohere-schema.ts'
import { seedOf } from '../model-params.ts'

/** What decides how a model's requests look. */
export interface CohereBodyOptions {
  readonly who: string
  readonly model: string
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** How it is held to a form; by the schema, where that has a form that Cohere takes, if it is left out. */
  readonly structuredMode: StructuredMode | undefined
}

type Members = Readonly<Record<string, JsonValue | undefined>>

/**
 * A request to Cohere's chat, in the names of its client.
 *
 * @throws RetortError `request-invalid` for a raw prompt
 */
export function toCohereBody(options: CohereBodyOptions, request: ChatRequest): JsonObject {
  const { extraBody, ...parameters }: Members = { ...options.parameters, ...request.parameters }
  const { format } = request
  const messages = isTold(options, format)
    ? withFormatInstructions(request.messages, format)
    : request.messages
  return withoutAbsent({
    ...(isObject(extraBody) ? extraBody : {}),
    model: options.model,
    messages: messages.map((message) => toMessage(options.who, message)),
    maxTokens: parameters['maxNewTokens'],
    temperature: parameters['temperature'],
    p: parameters['topP'],
    k: parameters['topK'],
    seed: seedOf(parameters, request.sampleIndex),
    stopSequences: listOf(parameters['stop']),
    frequencyPenalty: parameters['frequencyPenalty'],
    presencePenalty: parameters['presencePenalty'],
    logprobs: parameters['logprobs'],
    thinking: thinkingOf(parameters['thinking']),
    ...heldTo(options, format),
  })
}

/** Cohere's client would send `null` for members that are absent. */
function withoutAbsent(members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
}

/** Also who is held to a schema has to be told to write JSON, or may write white space without end. */
function isTold(
  { structuredMode }: CohereBodyOptions,
  format: AnswerFormat | undefined,
): format is AnswerFormat {
  return format !== undefined && !(structuredMode === 'tool' && format.format === 'json')
}

function heldTo(
  { structuredMode = 'json-schema' }: CohereBodyOptions,
  format: AnswerFormat | undefined,
): Members {
  if (format?.format !== 'json') return {}
  const { name, description, parameters } = toolOf(format)
  if (structuredMode === 'tool')
    return {
      tools: [{ type: 'function', function: { name, description, parameters } }],
      toolChoice: 'REQUIRED',
    }
  const schema = structuredMode === 'json-schema' ? toCohereSchema(format.schema) : undefined
  return schema === undefined ? {} : { responseFormat: { type: 'json_object', jsonSchema: schema } }
}

function thinkingOf(thinking: JsonValue | undefined): JsonObject | undefined {
  if (isObject(thinking))
    return { type: 'enabled', tokenBudget: thinking['budgetTokens'] } as JsonObject
  return typeof thinking === 'string' ? { type: thinking } : undefined
}

function toMessage(who: string, message: ChatMessage): JsonObject {
  const { role, content } = message
  if (role === 'prompt')
    throw new RetortError(
      'request-invalid',
      `${who} answers conversations and continues no raw prompts, since Cohere's chat takes none; ask it with messages, or use a model behind a completions API.`,
    )
  if (typeof content === 'string' || imagesOf(message).length === 0)
    return { role, content: textOf(message) }
  return {
    role,
    content: content.map((part): JsonObject =>
      part.type === 'text'
        ? { type: 'text', text: part.text }
        : { type: 'image_url', imageUrl: { url: part.url } },
    ),
  }
}

function listOf(stop: JsonValue | undefined): JsonValue | undefined {
  return typeof stop === 'string' ? [stop] : stop
}
