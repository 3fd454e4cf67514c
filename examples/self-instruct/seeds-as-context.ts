import { mapRows } from 'retort'
import { z } from 'zod'

/** Makes one text out of the instructions of a sample, which a model is shown to take up. */
export const seedsAsContext = mapRows({
  type: 'SeedsAsContext',
  inputs: z.object({ instruction: z.array(z.string()) }),
  outputs: z.object({ input: z.string() }),
  map: ({ instruction }) => ({
    input: [...new Set(instruction)].map((each) => `- ${each}`).join('\n'),
  }),
})
