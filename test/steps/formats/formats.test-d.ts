import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import type { TextMessage } from '../../../src/core/chat.ts'
import type { Simplify } from '../../../src/core/columns.ts'
import { Pipeline } from '../../../src/core/pipeline.ts'
import { conversationTemplate } from '../../../src/steps/formats/conversation-template.ts'
import { formatChatGenerationDPO } from '../../../src/steps/formats/format-chat-generation-dpo.ts'
import { formatChatGenerationSFT } from '../../../src/steps/formats/format-chat-generation-sft.ts'
import { formatPRM } from '../../../src/steps/formats/format-prm.ts'
import { formatTextGenerationDPO } from '../../../src/steps/formats/format-text-generation-dpo.ts'
import { formatTextGenerationSFT } from '../../../src/steps/formats/format-text-generation-sft.ts'
import { prepareExamples } from '../../../src/steps/formats/prepare-examples.ts'
import { loadDataFromDicts } from '../../../src/steps/sources/load-data-from-dicts.ts'
import { loadDataFromFileSystem } from '../../../src/steps/sources/load-data-from-file-system.ts'

const prompts = Pipeline.from('p', loadDataFromDicts([{ instruction: 'Why?' }]))
const answered = Pipeline.from('a', loadDataFromDicts([{ instruction: 'Why?', generation: 'So.' }]))
const row: {
  readonly messages: readonly TextMessage[]
  readonly generations: readonly string[]
  readonly ratings: readonly number[]
  readonly instruction: string
  readonly generation: string
} = { messages: [], generations: [], ratings: [], instruction: '', generation: '' }
const rated = Pipeline.from('rated', loadDataFromDicts([row]))

test('generated text becomes messages', () => {
  const messages = answered.step('format', formatTextGenerationSFT())
  expectTypeOf(messages.columns.messages).toEqualTypeOf<{ role: string; content: string }[]>()
  // @ts-expect-error column 'generation' is read, but no earlier step writes it
  prompts.step('format', formatTextGenerationSFT())
  // @ts-expect-error column 'response' is read, but no earlier step writes it
  prompts.step('format', conversationTemplate())
})

test('grouped branches with ratings make pairs', () => {
  const pairs = rated.step('format', formatTextGenerationDPO())
  expectTypeOf(pairs.columns.chosen_rating).toEqualTypeOf<number>()
  expectTypeOf(pairs.columns.rejected_model).toEqualTypeOf<string | null>()
  const texts = Pipeline.from(
    'texts',
    loadDataFromFileSystem({
      dataFiles: 'a',
      columns: z.object({
        instruction: z.string(),
        generations: z.array(z.string()),
        ratings: z.string(),
      }),
    }),
  )
  // @ts-expect-error column 'ratings' has another type than the step reads
  texts.step('format', formatTextGenerationDPO())
})

test('conversations are formatted, and messages that are replaced have their new type', () => {
  const pairs = rated.step('format', formatChatGenerationDPO())
  expectTypeOf(pairs.columns.chosen).toEqualTypeOf<{ role: string; content: string }[]>()
  const chat = rated.step('format', formatChatGenerationSFT())
  expectTypeOf(chat.columns.messages).toEqualTypeOf<{ role: string; content: string }[]>()
  // @ts-expect-error column 'messages' is read, but no earlier step writes it
  prompts.step('format', formatChatGenerationDPO())
})

test('the format decides the columns of a solution', () => {
  const solved = Pipeline.from(
    'solved',
    loadDataFromDicts([{ instruction: 'Q', solutions: ['+'] }]),
  )
  expectTypeOf(solved.step('f', formatPRM()).columns.label).toEqualTypeOf<string>()
  const trl = solved.step('f', formatPRM({ format: 'trl' }))
  expectTypeOf(trl.columns.labels).toEqualTypeOf<readonly boolean[]>()
  // @ts-expect-error the format 'trl' has no column 'label'
  expectTypeOf(trl.columns.label).toEqualTypeOf<string>()
  // @ts-expect-error there is no format 'csv'
  formatPRM({ format: 'csv' })
})

test('examples take the place of queries and answers', () => {
  const sampled = Pipeline.from(
    'sampled',
    loadDataFromDicts([{ query: ['a'], answers: ['b'], id: 1 }]),
  )
  const examples = sampled.step('examples', prepareExamples())
  expectTypeOf<Simplify<typeof examples.columns>>().toEqualTypeOf<{
    readonly id: number
    readonly examples: string
  }>()
  // @ts-expect-error a template is a text
  prepareExamples({ template: 5 })
})
