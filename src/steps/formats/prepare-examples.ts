import { z } from 'zod'

import { createFactory, defineStep } from '../../core/define-step.ts'
import { RetortError } from '../../core/errors.ts'
import { nearestName } from '../../core/names.ts'
import { reject } from '../../core/rejection.ts'
import type { ColumnChange } from '../../core/step.ts'

const paramsSchema = z.object({
  template: z.string().default('## Query:\n{query}\n## Answers:\n{answers}'),
})
const placeholders: readonly string[] = ['query', 'answers']
const texts = { type: 'array', items: { type: 'string' } }

const { definition } = defineStep({
  type: 'PrepareExamples',
  version: '1',
  params: paramsSchema,
  inputs: z.object({
    query: z.array(z.string()).readonly(),
    answers: z.array(z.string()).readonly(),
  }),
  outputs: z.object({ examples: z.string() }),
  checkParams({ template }, stepName) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    const unknown = names.find((name) => !placeholders.includes(name))
    const missing = placeholders.find((name) => !names.includes(name))
    if (unknown !== undefined)
      throw new RetortError(
        'template-invalid',
        `The template of step '${stepName}' has the placeholder '{${unknown}}', which it knows no text for. ${nearestName(unknown, placeholders)}`,
      )
    if (missing !== undefined)
      throw new RetortError(
        'template-invalid',
        `The template of step '${stepName}' has no '{${missing}}'; it takes '{query}' and '{answers}'.`,
      )
  },
  columns: () => ({
    reads: { query: texts, answers: texts },
    optional: [],
    writes: { examples: { type: 'string' } },
    replaces: [],
    drops: placeholders,
  }),
  *process(rows, { template }) {
    for (const { query, answers } of rows)
      yield query.length === answers.length
        ? {
            examples: query
              .map((text, index) => fill(template, { query: text, answers: answers[index] ?? '' }))
              .join('\n\n'),
          }
        : reject(
            'input-invalid',
            `The row has ${query.length} queries but ${answers.length} answers; there must be one for each.`,
          )
  },
})

function fill(template: string, texts: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => texts[name] ?? whole)
}

/** Puts the text into the place of what it was made of. */
interface ExamplesChange extends ColumnChange {
  readonly drops: 'query' | 'answers'
  readonly writes: { readonly examples: string }
}

/**
 * Writes queries and their answers as one text of examples, for prompts such as APIGen's.
 *
 * Reads the lists `query` and `answers`, as `dataSampler` gives them, and writes `examples` in their place: each pair in
 * the parameter `template` (default `## Query:\n{query}\n## Answers:\n{answers}`), an empty line between them. Lists of
 * unequal length reject their row as `input-invalid`.
 *
 * Source: APIGen (https://arxiv.org/abs/2406.18518).
 */
export const prepareExamples = createFactory<
  { readonly query: readonly string[]; readonly answers: readonly string[] },
  { readonly examples: string },
  z.input<typeof paramsSchema>,
  ExamplesChange
>(definition)
