import { createRandom, defineStep, randomInteger } from 'retort'
import { z } from 'zod'

/**
 * Picks some consecutive lines out of each file, at random; a file of nothing but blank lines is left out.
 *
 * What is picked depends on the pipeline's seed and the file itself, never on the other files.
 */
export const randomSnippet = defineStep({
  type: 'RandomSnippet',
  params: z.object({ maxLines: z.int().positive().default(15) }),
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ code_snippet: z.string() }),
  *process(rows, { maxLines }, { seed, identities }) {
    for (const [index, { text }] of rows.entries()) {
      const random = createRandom(seed, 'RandomSnippet', identities[index] ?? '')
      const lines = text.split(/\r?\n/)
      // A snippet begins at a line that holds something.
      const starts = [...lines.keys()].filter((line) => lines[line]?.trim() !== '')
      const start = starts[randomInteger(random, starts.length)]
      const length = 1 + randomInteger(random, maxLines)
      if (start === undefined) yield []
      else
        yield {
          code_snippet: lines
            .slice(start, start + length)
            .join('\n')
            .trimEnd(),
        }
    }
  },
})
