import { join } from 'node:path'

import {
  Pipeline,
  formatTextGenerationDPO,
  llmFromEnvironment,
  loadDataFromFileSystem,
  sampleSteps,
  ultraFeedback,
} from 'retort'
import { z } from 'zod'

import { chooseAnswerers } from './answerers.ts'
import { principledAnswer } from './principled-answer.ts'

const answerers = chooseAnswerers(process.env)

/**
 * Pairs of a better and a worse answer to each instruction, as for direct preference optimisation.
 *
 * Of four models two answer each instruction, each with a principle of its own, and a judge rates both. It asks for 3
 * answers a row: 60 for the 20 instructions here. For your own: `--set load.dataFiles=path/to/instructions.jsonl`.
 */
export default Pipeline.from(
  'preferences',
  loadDataFromFileSystem({
    dataFiles: join(import.meta.dirname, 'instructions.jsonl'),
    columns: z.object({ instruction: z.string() }),
  }),
)
  .branch(
    {
      helpful: (p) =>
        p.step('helpful', principledAnswer({ llm: answerers.helpful, principle: 'helpful' })),
      honest: (p) =>
        p.step('honest', principledAnswer({ llm: answerers.honest, principle: 'honest' })),
      concise: (p) =>
        p.step('concise', principledAnswer({ llm: answerers.concise, principle: 'concise' })),
      thorough: (p) =>
        p.step('thorough', principledAnswer({ llm: answerers.thorough, principle: 'thorough' })),
    },
    { route: sampleSteps(2) },
  )
  .group('answers', { generation: 'generations', model_name: 'generation_models' })
  .step('judge', ultraFeedback({ llm: llmFromEnvironment(), aspect: 'overall-rating' }))
  .step('pair', formatTextGenerationDPO())
  .keep(
    'prompt',
    'chosen',
    'rejected',
    'chosen_model',
    'rejected_model',
    'chosen_rating',
    'rejected_rating',
  )
