import { z } from 'zod'

import { defineStep } from '../../core/define-step.ts'
import { hashText } from '../../core/hash.ts'
import { messagesSchema, toMessages, withAnswer } from './chat-messages.ts'

/**
 * Makes an example for supervised fine-tuning out of an instruction and its answer.
 *
 * Reads `instruction`, `generation` and, where there is one, `system_prompt`. Writes `prompt` (the instruction),
 * `prompt_id` (its SHA-256, hexadecimal) and `messages`: the conversation, which ends with the answer.
 */
export const formatTextGenerationSFT = defineStep({
  type: 'FormatTextGenerationSFT',
  version: '1',
  inputs: z.object({
    instruction: z.string(),
    generation: z.string(),
    system_prompt: z.string().nullish(),
  }),
  outputs: z.object({ prompt: z.string(), prompt_id: z.string(), messages: messagesSchema }),
  *process(rows) {
    for (const { instruction, generation, system_prompt } of rows)
      yield {
        prompt: instruction,
        prompt_id: hashText(instruction),
        messages: withAnswer(toMessages(instruction, system_prompt), generation),
      }
  },
})
