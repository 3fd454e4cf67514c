import { defineTask, system, user } from 'retort'
import { z } from 'zod'

/**
 * What a model is asked to hold to. The paper gives each model such a principle, so that answers differ in more than in
 * their quality.
 */
export const principles = {
  helpful: 'Answer so that the person can act on it at once. Leave nothing out that they need.',
  honest: 'Say only what you are sure of, and say plainly where you are not.',
  concise: 'Answer in as few words as the question allows.',
  thorough: 'Explain the reasons behind your answer, step by step.',
}

/** Answers an instruction by one of the {@link principles}. */
export const principledAnswer = defineTask({
  type: 'PrincipledAnswer',
  papers: ['2310.01377'],
  params: z.object({ principle: z.enum(['helpful', 'honest', 'concise', 'thorough']) }),
  inputs: z.object({ instruction: z.string() }),
  outputs: z.object({ generation: z.string() }),
  formatInput: ({ instruction }, { params }) => [
    system(principles[params.principle]),
    user(instruction),
  ],
  formatOutput: (text) => ({ generation: text.trim() }),
  example: ({ instruction }, { params }) =>
    `This simulated answer would be ${params.principle}. It was asked: ${instruction}`,
})
