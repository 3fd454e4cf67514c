import { Template } from '@huggingface/jinja'

import { type ChatMessage, imagesOf, textOf } from '../core/chat.ts'
import { RetortError } from '../core/errors.ts'

/** How a model wants to be spoken to. */
export interface PromptWriterOptions {
  /** The model's type and name, which errors begin with. */
  readonly who: string
  /** A Jinja template; `undefined` where the model has none, and continues raw prompts only. */
  readonly template: string | undefined
  /** Texts that the template may name, such as `bos_token`. */
  readonly specialTokens: Readonly<Record<string, string | undefined>>
}

/**
 * Makes what writes a conversation as the text that a model continues; a raw prompt stays as it is.
 *
 * @throws RetortError `template-invalid`; when it writes, `request-invalid` for images and for what the template refuses
 */
export function createPromptWriter(
  options: PromptWriterOptions,
): (messages: readonly ChatMessage[]) => string {
  const { who, template, specialTokens } = options
  const compiled = template === undefined ? undefined : compile(template, who)
  return (messages) => {
    const [first] = messages
    if (messages.some((message) => imagesOf(message).length > 0))
      throw new RetortError('request-invalid', `${who} reads no images; ask it with texts alone.`)
    if (first?.role === 'prompt') return textOf(first)
    if (compiled === undefined)
      throw new RetortError(
        'template-invalid',
        `${who} has no chat template of its own; set chatTemplate, or ask it with raw prompts.`,
      )
    const conversation = messages.map((message) => ({
      role: message.role,
      content: textOf(message),
    }))
    try {
      return compiled.render({
        ...specialTokens,
        messages: conversation,
        add_generation_prompt: true,
      })
    } catch (error) {
      throw new RetortError(
        'request-invalid',
        `The chat template of ${who} does not take this conversation: ${messageOf(error)}.`,
        { cause: error },
      )
    }
  }
}

function compile(template: string, who: string): Template {
  try {
    return new Template(template)
  } catch (error) {
    throw new RetortError(
      'template-invalid',
      `The chat template of ${who} is no Jinja template: ${messageOf(error)}.`,
      { cause: error },
    )
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
