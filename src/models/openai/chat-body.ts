import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  imagesOf,
  textOf,
} from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { type AnswerForm, createAnswerForm } from './answer-form.ts'
import { createMembers } from './generation-members.ts'
import type { OpenAIDialect, OpenAIWireOptions, WirePath, WireRequest } from './openai-dialect.ts'
import { toResponsesBody } from './responses-api.ts'

/** Makes what turns requests into what goes over the wire, be it in a call or as a line of a batch. */
export function createWire(options: OpenAIWireOptions): (request: ChatRequest) => WireRequest {
  const { model, dialect, renderPrompt } = options
  const membersOf = createMembers(options)
  const formOf = createAnswerForm(dialect, options.structuredMode)

  return (request) => {
    const { choices = 1, format } = request
    const rawPrompt = promptOf(request, options)
    const isPrompt = rawPrompt !== undefined || renderPrompt !== undefined
    const path = isPrompt
      ? '/completions'
      : options.usesResponses
        ? '/responses'
        : '/chat/completions'
    const members = membersOf(path, request.parameters, request.sampleIndex)
    const form = format === undefined ? undefined : formOf(format)
    const formMembers = form === undefined ? undefined : toFormMembers(form, path, dialect)
    const messages =
      format === undefined || formMembers !== undefined
        ? request.messages
        : withFormatInstructions(request.messages, format)
    if (path === '/responses')
      return { path, body: toResponsesBody(model, messages, members, form) }
    const n = choices === 1 ? undefined : choices
    if (rawPrompt !== undefined)
      return { path, body: { ...members, model, prompt: rawPrompt, n, ...formMembers } }
    if (renderPrompt !== undefined) {
      const rendered = renderPrompt(messages)
      const prompt = dialect.startsPrompts ? rendered.replace(startToken, '') : rendered
      const { renderedMembers } = dialect
      return { path, body: { ...renderedMembers, ...members, model, prompt, n, ...formMembers } }
    }
    const sent = toWireMessages(messages, options)
    return { path, body: { ...members, model, messages: sent, n, ...formMembers } }
  }
}

/** The token that texts of common models begin with. */
const startToken = /^(<\|begin_of_text\|>|<s>|<bos>|<｜begin▁of▁sentence｜>)/

/** The raw prompt that a request is, if it is one. */
function promptOf(
  { messages: [first] }: ChatRequest,
  { who, dialect }: OpenAIWireOptions,
): string | undefined {
  if (first?.role !== 'prompt') return undefined
  if (!dialect.capabilities.completions)
    throw new RetortError(
      'endpoint-wrong',
      `${who} cannot continue a raw prompt, since its provider has no completions; ask it with messages, or use another type of model.`,
    )
  return textOf(first)
}

function toWireMessages(
  messages: readonly ChatMessage[],
  { who, dialect }: OpenAIWireOptions,
): readonly unknown[] {
  if (messages.every(({ content }) => typeof content === 'string')) return messages
  if (!dialect.capabilities.images && messages.some((message) => imagesOf(message).length > 0))
    throw new RetortError(
      'request-invalid',
      `${who} reads no images; ask it with text alone, or use another type of model.`,
    )
  return messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? content : content.map(toWirePart),
  }))
}

function toWirePart(part: ContentPart): JsonObject {
  return part.type === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'image_url', image_url: { url: part.url } }
}

/** The members that hold a model to a form; `undefined` where it has to be told in words. */
function toFormMembers(
  form: AnswerForm,
  path: WirePath,
  { patternMember, promptSchemaMember, requiresAnyTool }: OpenAIDialect,
): JsonObject | undefined {
  if (form.mode === 'instructions') return undefined
  // The Responses API puts them elsewhere, and has no mode for regular expressions.
  if (path === '/responses') return form.mode === 'regex' ? undefined : {}
  const isPrompt = path === '/completions'
  if (form.mode === 'regex')
    return patternMember === 'structured_outputs'
      ? { structured_outputs: { regex: form.pattern } }
      : { response_format: { type: 'regex', pattern: form.pattern } }
  if (form.mode === 'tool') {
    if (isPrompt) return undefined
    const { name, description, parameters, isStrict } = form.tool
    return {
      tools: [
        {
          type: 'function',
          function: { name, description, parameters, ...(isStrict ? { strict: true } : {}) },
        },
      ],
      tool_choice: requiresAnyTool ? 'required' : { type: 'function', function: { name } },
    }
  }
  if (isPrompt && promptSchemaMember === undefined) return undefined
  if (isPrompt && promptSchemaMember === 'json_schema') return { json_schema: form.schema }
  return {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: form.schema, strict: form.isStrict },
    },
  }
}
