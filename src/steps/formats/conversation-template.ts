import { z } from 'zod'

import { user } from '../../core/chat.ts'
import { defineStep } from '../../core/define-step.ts'
import { messagesSchema, withAnswer } from './chat-messages.ts'

/** Makes a conversation of two messages, column `conversation`, out of `instruction` and `response`. */
export const conversationTemplate = defineStep({
  type: 'ConversationTemplate',
  version: '1',
  inputs: z.object({ instruction: z.string(), response: z.string() }),
  outputs: z.object({ conversation: messagesSchema }),
  *process(rows) {
    for (const { instruction, response } of rows)
      yield { conversation: withAnswer([user(instruction)], response) }
  },
})
