import { filterRows } from 'retort'
import { z } from 'zod'

/** Asks for, or speaks of, what a text can neither show nor do. */
const beyondText =
  /\b(?:images?|pictures?|photos?|graphs?|charts?|maps?|draw|plot|audio|videos?|files?)\b/i

/**
 * Lets instructions pass that a language model can be asked: neither very short nor very long, that begin with a word,
 * and that need nothing but text.
 *
 * The paper filters by length and by such words, too.
 */
export const usableInstruction = filterRows({
  type: 'UsableInstruction',
  params: z.object({
    minWords: z.int().nonnegative().default(4),
    maxWords: z.int().positive().default(150),
  }),
  inputs: z.object({ instruction: z.string() }),
  keep({ instruction }, { params: { minWords, maxWords } }) {
    const words = instruction.trim().split(/\s+/).length
    return (
      words >= minWords &&
      words <= maxWords &&
      /^[\p{L}\p{N}'"“‘«¿¡(]/u.test(instruction) &&
      !beyondText.test(instruction)
    )
  },
})
