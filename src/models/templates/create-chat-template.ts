import { Template } from '@huggingface/jinja'

import { imagesOf, textOf } from '../../core/chat.ts'
import type { ChatMessage, TextMessage } from '../../core/chat.ts'
import { RetortError, messageOf } from '../../core/errors.ts'
import { nearestName } from '../../core/names.ts'
import { chatFamilyNames, chatFamilyOf } from './chat-families.ts'
import { writeFamilyChat } from './write-family-chat.ts'

/** Writes a conversation as the text that a model continues; a raw prompt stays as it is. */
export type ChatTemplate = (
  messages: readonly ChatMessage[],
  options?: {
    /** Whether the text ends where the model's answer begins. Default true. */
    readonly addGenerationPrompt?: boolean
  },
) => string

/** What a template is for. */
export interface ChatTemplateContext {
  /** The model's type and name, as errors say them. */
  readonly who: string
  /** Texts that a Jinja template may name, such as `bos_token`. */
  readonly specialTokens?: Readonly<Record<string, string | undefined>>
}

/**
 * Makes a chat template of the name of a family of models, such as `llama3`, or of a Jinja text.
 *
 * @throws RetortError `template-invalid`; when it writes, `request-invalid` for images and for what it does not take
 */
export function createChatTemplate(source: string, context: ChatTemplateContext): ChatTemplate {
  const { who } = context
  const write = writerOf(source, context)
  return (messages, { addGenerationPrompt = true } = {}) => {
    if (messages.some((message) => imagesOf(message).length > 0))
      throw new RetortError('request-invalid', `${who} reads no images; ask it with texts alone.`)
    const [first] = messages
    if (first?.role === 'prompt') return textOf(first)
    const texts = messages.map((message) => ({ role: message.role, content: textOf(message) }))
    try {
      return write(texts, addGenerationPrompt)
    } catch (error) {
      throw new RetortError(
        'request-invalid',
        `The chat template of ${who} does not take this conversation: ${reasonOf(error)}.`,
        { cause: error },
      )
    }
  }
}

type Writer = (messages: readonly TextMessage[], addGenerationPrompt: boolean) => string

function writerOf(source: string, { who, specialTokens }: ChatTemplateContext): Writer {
  const family = chatFamilyOf(source)
  if (family !== undefined)
    return (messages, addGenerationPrompt) => writeFamilyChat(family, messages, addGenerationPrompt)
  if (!/\{[{%]/.test(source))
    throw new RetortError(
      'template-invalid',
      `The chat template of ${who} is '${source.slice(0, 50)}', which is neither a Jinja template nor a family of models. ${nearestName(source, chatFamilyNames)}`,
    )
  const template = parseTemplate(source, who)
  return (messages, addGenerationPrompt) =>
    template.render({ ...specialTokens, messages, add_generation_prompt: addGenerationPrompt })
}

function parseTemplate(source: string, who: string): Template {
  try {
    return new Template(source)
  } catch (error) {
    throw new RetortError(
      'template-invalid',
      `The chat template of ${who} is no Jinja template: ${reasonOf(error)}.`,
      { cause: error },
    )
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(/\.$/, '')
}
