import { textOf } from '../core/chat.ts'
import type { ChatMessage } from '../core/chat.ts'
import { RetortError } from '../core/errors.ts'
import { createChatTemplate } from './templates/create-chat-template.ts'

/** How a model wants to be spoken to. */
export interface PromptWriterOptions {
  /** The model's type and name, which errors begin with. */
  readonly who: string
  /**
   * A Jinja template or the name of a family of models; `undefined` where the model has none, and continues raw prompts
   * only.
   */
  readonly template: string | undefined
  /** Texts that the template may name, such as `bos_token`. */
  readonly specialTokens: Readonly<Record<string, string | undefined>>
}

/**
 * Makes what writes a conversation as the text that a model continues; a raw prompt stays as it is.
 *
 * @throws RetortError `template-invalid`; when it writes, `request-invalid` for images and for what the template refuses
 */
export function createPromptWriter({
  who,
  template,
  specialTokens,
}: PromptWriterOptions): (messages: readonly ChatMessage[]) => string {
  if (template !== undefined) return createChatTemplate(template, { who, specialTokens })
  return ([first]) => {
    if (first?.role === 'prompt') return textOf(first)
    throw new RetortError(
      'template-invalid',
      `${who} has no chat template of its own; set chatTemplate, or ask it with raw prompts.`,
    )
  }
}
