import type { AnswerFormat, ChatMessage, ChatRequest } from '../../core/chat.ts'
import { imagesOf, textOf } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { isObject } from '../../core/json.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'
import { toolOf } from '../structured/tool-of.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'

import { type ClaudeTraits, traitsOf } from './claude-model.ts'
import { toClaudeSchema } from './claude-schema.ts'
import { toImageBlock } from './image-block.ts'

/** What decides how a model's requests look on the wire. */
export interface MessagesBodyOptions {
  readonly who: string
  readonly model: string
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** How it is held to a form; the strongest way that takes the form where it is left out. */
  readonly structuredMode: StructuredMode | undefined
}

type Members = Readonly<Record<string, JsonValue | undefined>>

/**
 * The body of a request to Anthropic's Messages API; members that are `undefined` are left out by JSON.
 *
 * @throws RetortError `request-invalid` for a raw prompt, `input-invalid` for an image of a type that Claude does not read
 */
export function toMessagesBody(options: MessagesBodyOptions, request: ChatRequest): Members {
  const traits = traitsOf(options.model)
  const { extraBody, ...parameters }: Members = { ...options.parameters, ...request.parameters }
  const thinking = thinkingOf(parameters, traits)
  const thinks = thinking === undefined ? traits.thinksUnasked : thinking['type'] !== 'disabled'
  checkBudget(options.who, parameters)
  const held = heldTo(options, request.format, traits, thinks)
  const messages = held.isTold
    ? withFormatInstructions(request.messages, held.format)
    : request.messages
  return {
    ...(isObject(extraBody) ? extraBody : {}),
    model: options.model,
    max_tokens: parameters['maxNewTokens'],
    system: systemOf(messages),
    messages: messages.flatMap((message) => toMessage(options.who, message)),
    stop_sequences: listOf(parameters['stop']),
    ...samplingOf(parameters, traits, thinks),
    thinking,
    ...held.members,
    output_config: outputConfigOf(parameters, held.schema),
  }
}

/** How a request's answer is held to a form. */
type Held = {
  readonly schema?: JsonObject
  readonly members?: Members
} & ({ readonly isTold: false } | { readonly isTold: true; readonly format: AnswerFormat })

function heldTo(
  { structuredMode }: MessagesBodyOptions,
  format: AnswerFormat | undefined,
  traits: ClaudeTraits,
  thinks: boolean,
): Held {
  if (format === undefined) return { isTold: false }
  if (format.format === 'regex') return { isTold: true, format }
  const mode = structuredMode ?? (traits.hasJsonSchema ? 'json-schema' : 'tool')
  const { name, description, parameters } = toolOf(format)
  const schema = mode === 'json-schema' ? toClaudeSchema(format.schema) : undefined
  if (schema !== undefined) return { isTold: false, schema }
  // Who thinks cannot be made to call a tool.
  const isToolAllowed = mode === 'tool' || (mode === 'json-schema' && structuredMode === undefined)
  if (!isToolAllowed || thinks) return { isTold: true, format }
  return {
    isTold: false,
    members: {
      tools: [{ name, description, input_schema: parameters }],
      tool_choice: { type: 'tool', name, disable_parallel_tool_use: true },
    },
  }
}

/** Summaries are asked for, since the newer models show nothing of their thoughts otherwise. */
function thinkingOf(parameters: Members, traits: ClaudeTraits): JsonObject | undefined {
  const { thinking, reasoningEffort } = parameters
  if (isObject(thinking))
    return { type: 'enabled', budget_tokens: thinking['budgetTokens'] } as JsonObject
  if (thinking === 'disabled') return { type: 'disabled' }
  if (thinking === 'adaptive' || (reasoningEffort !== undefined && traits.thinksAdaptively))
    return { type: 'adaptive', display: 'summarized' }
  return undefined
}

function checkBudget(who: string, { thinking, maxNewTokens }: Members): void {
  const budget = isObject(thinking) ? Number(thinking['budgetTokens']) : 0
  const most = Number(maxNewTokens)
  if (budget === 0 || most > budget) return
  throw new RetortError(
    'request-invalid',
    `${who} was asked for at most ${most} tokens, of which ${budget} may be thought, so that none is left to answer with; raise maxNewTokens above thinking.budgetTokens.`,
  )
}

function samplingOf(parameters: Members, traits: ClaudeTraits, thinks: boolean): Members {
  if (!traits.takesSampling) return {}
  const { temperature, topP, topK } = parameters
  if (thinks) return Number(topP) >= 0.95 ? { top_p: topP } : {}
  const isOneTooMany = temperature !== undefined && !traits.takesBothSamplings
  return { temperature, top_p: isOneTooMany ? undefined : topP, top_k: topK }
}

function outputConfigOf(
  { reasoningEffort }: Members,
  schema: JsonObject | undefined,
): JsonObject | undefined {
  if (reasoningEffort === undefined && schema === undefined) return undefined
  return {
    ...(reasoningEffort === undefined ? {} : { effort: reasoningEffort }),
    ...(schema === undefined ? {} : { format: { type: 'json_schema', schema } }),
  }
}

function systemOf(messages: readonly ChatMessage[]): string | undefined {
  const texts = messages.flatMap((message) => (message.role === 'system' ? textOf(message) : []))
  return texts.length === 0 ? undefined : texts.join('\n\n')
}

function toMessage(who: string, message: ChatMessage): readonly JsonObject[] {
  const { role, content } = message
  if (role === 'system') return []
  if (role === 'prompt')
    throw new RetortError(
      'request-invalid',
      `${who} answers conversations and continues no raw prompts, since Anthropic's API takes none; ask it with messages, or use a model behind a completions API.`,
    )
  if (typeof content === 'string' || imagesOf(message).length === 0)
    return [{ role, content: textOf(message) }]
  return [
    {
      role,
      content: content.map((part) =>
        part.type === 'text' ? { type: 'text', text: part.text } : toImageBlock(who, part.url),
      ),
    },
  ]
}

function listOf(stop: JsonValue | undefined): JsonValue | undefined {
  return typeof stop === 'string' ? [stop] : stop
}
