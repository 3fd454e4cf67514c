import { z } from 'zod'

import { defineStep } from '../../core/define-step.ts'
import { toMessages } from './chat-messages.ts'
import { pairSchema, ratedColumns, toPreferencePair } from './preference-pair.ts'

/**
 * Makes a preference pair, as for direct preference optimisation (DPO), out of an instruction with rated answers.
 *
 * Reads `instruction`, `generations`, `ratings` and, where they are there, `system_prompt` and `generation_models`.
 * Writes `prompt`, `prompt_id` (SHA-256 of the prompt, hexadecimal), and for the best-rated answer `chosen` (the whole
 * conversation), `chosen_model`, `chosen_rating`, for the worst the same as `rejected…`. A model that is not known is null.
 *
 * Answers whose rating is null are left out; a row with fewer than two others is rejected as `input-invalid`, and one
 * whose ratings are all the same as `tie`.
 *
 * Source: DPO (https://arxiv.org/abs/2305.18290).
 */
export const formatTextGenerationDPO = defineStep({
  type: 'FormatTextGenerationDPO',
  version: '1',
  inputs: z.object({
    instruction: z.string(),
    ...ratedColumns,
    system_prompt: z.string().nullish(),
  }),
  outputs: pairSchema,
  *process(rows) {
    for (const row of rows)
      yield toPreferencePair(row.instruction, toMessages(row.instruction, row.system_prompt), row)
  },
})
