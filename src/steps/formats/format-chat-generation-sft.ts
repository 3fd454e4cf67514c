import { z } from 'zod'

import { defineStep } from '../../core/define-step.ts'
import { hashText } from '../../core/hash.ts'
import { reject } from '../../core/rejection.ts'
import { firstUserPrompt, messagesSchema, noUserPrompt, withAnswer } from './chat-messages.ts'

/**
 * Makes an example for supervised fine-tuning out of a conversation and the answer to it.
 *
 * Reads `messages` and `generation`. Writes `prompt` (the first message of a user), `prompt_id` (its SHA-256,
 * hexadecimal) and, in the place of `messages`, the conversation with the answer. A conversation without a message of a
 * user rejects its row as `input-invalid`.
 */
export const formatChatGenerationSFT = defineStep({
  type: 'FormatChatGenerationSFT',
  version: '1',
  inputs: z.object({ messages: messagesSchema.readonly(), generation: z.string() }),
  outputs: z.object({ prompt: z.string(), prompt_id: z.string(), messages: messagesSchema }),
  *process(rows) {
    for (const { messages, generation } of rows) {
      const prompt = firstUserPrompt(messages)
      yield prompt === undefined
        ? reject('input-invalid', noUserPrompt)
        : {
            prompt,
            prompt_id: hashText(prompt),
            messages: withAnswer(messages, generation),
          }
    }
  },
})
