import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  Pipeline,
  dataSampler,
  deduplicateRows,
  expandColumns,
  formatTextGenerationSFT,
  llmFromEnvironment,
  selfInstruct,
  textGeneration,
} from 'retort'

import { seedsAsContext } from './seeds-as-context.ts'
import { usableInstruction } from './usable-instruction.ts'

const seeds = readFileSync(join(import.meta.dirname, 'seeds.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { instruction: string })

/**
 * Instructions with answers, out of 30 instructions that people wrote.
 *
 * A model is shown three of those at a time and writes five of its own; those that can be used, and that nobody else
 * wrote, are answered, until there are exactly 40.
 */
export default Pipeline.from('self-instruct', dataSampler({ data: seeds, size: 3 }), {
  step: 'sample',
})
  .step('context', seedsAsContext())
  .step(
    'instruct',
    selfInstruct({
      llm: llmFromEnvironment(),
      applicationDescription:
        'An assistant that answers people in writing. They use it at home and at work.',
    }),
  )
  .step('expand', expandColumns({ columns: { instructions: 'instruction' } }))
  .step('usable', usableInstruction())
  .step('distinct', deduplicateRows({ columns: ['instruction'] }))
  .step('answer', textGeneration({ llm: llmFromEnvironment() }))
  .step('format', formatTextGenerationSFT())
  .keep('instruction', 'generation', 'messages', 'prompt_id', 'model_name')
  .rows({ accepted: 40, atMost: 200 })
