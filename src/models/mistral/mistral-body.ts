import type {
  ChatCompletionRequest,
  ChatCompletionRequestMessage,
  ResponseFormat,
} from '@mistralai/mistralai/models/components'

import type { AnswerFormat, ChatMessage, ChatRequest } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { toStrictSchema } from '../structured/to-strict-schema.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { seedOf } from '../model-params.ts'

/** What decides how a model's requests look on the wire. */
export interface MistralBodyOptions {
  readonly model: string
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** How it is held to a form, where that is not left to the schema. */
  readonly structuredMode: StructuredMode | undefined
}

/** A request as Mistral's client takes it. */
export function toMistralBody(
  options: MistralBodyOptions,
  request: ChatRequest,
): ChatCompletionRequest {
  const named: JsonObject = { ...options.parameters, ...request.parameters }
  const { maxNewTokens, seed: _, ...parameters } = named
  const { format, choices = 1 } = request
  const responseFormat = toResponseFormat(format, options.structuredMode)
  const isWorded = format !== undefined && responseFormat?.type !== 'json_schema'
  const messages = isWorded ? withFormatInstructions(request.messages, format) : request.messages
  return {
    // The schema of the parameters has checked them, and the client checks them again.
    ...(parameters as Partial<ChatCompletionRequest>),
    model: options.model,
    messages: messages.map(toMessage),
    maxTokens: typeof maxNewTokens === 'number' ? maxNewTokens : undefined,
    randomSeed: seedOf(named, request.sampleIndex),
    n: choices === 1 ? undefined : choices,
    responseFormat,
  }
}

function toMessage({ role, content }: ChatMessage): ChatCompletionRequestMessage {
  const sent =
    typeof content === 'string'
      ? content
      : content.map((part) =>
          part.type === 'text' ? part : { type: 'image_url' as const, imageUrl: part.url },
        )
  // Mistral takes images from users alone, and says so itself.
  return { role, content: sent } as ChatCompletionRequestMessage
}

/** A schema that Mistral cannot be held to still has it answer with JSON, which it wants to be told as well. */
function toResponseFormat(
  format: AnswerFormat | undefined,
  mode: StructuredMode | undefined,
): ResponseFormat | undefined {
  if (format?.format !== 'json' || mode === 'instructions') return undefined
  const schemaDefinition = toStrictSchema(format.schema)
  if (schemaDefinition !== undefined)
    return { type: 'json_schema', jsonSchema: { name: 'answer', strict: true, schemaDefinition } }
  return format.schema['type'] === 'object' ? { type: 'json_object' } : undefined
}
