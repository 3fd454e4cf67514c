import { z } from 'zod'

import { defineStep } from '../../core/define-step.ts'
import { reject } from '../../core/rejection.ts'
import { firstUserPrompt, messagesSchema, noUserPrompt } from './chat-messages.ts'
import { pairSchema, ratedColumns, toPreferencePair } from './preference-pair.ts'

/**
 * Makes a preference pair, as for direct preference optimisation (DPO), out of a conversation with rated answers.
 *
 * Reads `messages`, `generations`, `ratings` and, where it is there, `generation_models`; the prompt is the first message
 * of a user, without which a row is rejected as `input-invalid`. All else is as with {@link formatTextGenerationDPO}.
 *
 * Source: DPO (https://arxiv.org/abs/2305.18290).
 */
export const formatChatGenerationDPO = defineStep({
  type: 'FormatChatGenerationDPO',
  version: '1',
  inputs: z.object({ messages: messagesSchema.readonly(), ...ratedColumns }),
  outputs: pairSchema,
  *process(rows) {
    for (const row of rows) {
      const prompt = firstUserPrompt(row.messages)
      yield prompt === undefined
        ? reject('input-invalid', noUserPrompt)
        : toPreferencePair(prompt, row.messages, row)
    }
  },
})
