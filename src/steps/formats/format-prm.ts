import { z } from 'zod'

import type { Row } from '../../core/columns.ts'
import { defineStep } from '../../core/define-step.ts'
import { RetortError } from '../../core/errors.ts'
import { reject } from '../../core/rejection.ts'
import type { Rejection } from '../../core/rejection.ts'
import type { ColumnSchemas, CommonParams, Step } from '../../core/step.ts'

const tag = z.string().min(1)
const paramsSchema = z.object({
  format: z.enum(['math-shepherd', 'trl']).default('math-shepherd'),
  stepToken: z.string().min(1).default('ки'),
  tags: z
    .tuple([tag, tag], 'it takes two texts: the tag of a good step and that of a bad one')
    .default(['+', '-']),
})
type Params = z.output<typeof paramsSchema>

const text = { type: 'string' }
const writes = {
  'math-shepherd': { input: text, label: text },
  trl: {
    prompt: text,
    completions: { type: 'array', items: text },
    labels: { type: 'array', items: { type: 'boolean' } },
  },
} as const satisfies Record<Params['format'], ColumnSchemas>

const step = defineStep({
  type: 'FormatPRM',
  version: '1',
  params: paramsSchema,
  inputs: z.object({
    instruction: z.string(),
    solutions: z.array(z.string()).min(1, 'it has no steps').readonly(),
  }),
  // The columns follow from the format.
  outputs: z.looseObject({}) as z.ZodType<Row>,
  checkParams({ tags: [good, bad] }, stepName) {
    if (good.endsWith(bad) || bad.endsWith(good))
      throw new RetortError(
        'parameter-invalid',
        `Parameter 'tags' of step '${stepName}' has '${good}' and '${bad}', of which one ends like the other; choose tags that can be told apart.`,
      )
  },
  columns: ({ format }) => ({
    reads: { instruction: text, solutions: { type: 'array', items: text } },
    optional: [],
    writes: writes[format],
    replaces: [],
  }),
  *process(rows, params) {
    for (const { instruction, solutions } of rows) yield formatSteps(instruction, solutions, params)
  },
})

function formatSteps(
  instruction: string,
  solutions: readonly string[],
  { format, stepToken, tags }: Params,
): Row | Rejection {
  const steps: { readonly untagged: string; readonly tag: string }[] = []
  for (const [index, solution] of solutions.entries()) {
    const whole = solution.trimEnd()
    const tag = tags.find((tag) => whole.endsWith(tag))
    if (tag === undefined)
      return reject(
        'input-invalid',
        `Step ${index + 1} of the solution ends with neither '${tags[0]}' nor '${tags[1]}'.`,
      )
    steps.push({ untagged: whole.slice(0, -tag.length), tag })
  }
  if (format === 'trl')
    return {
      prompt: instruction,
      completions: steps.map(({ untagged }) => untagged.trim()),
      labels: steps.map(({ tag }) => tag === tags[0]),
    }
  const join = (lines: readonly string[]) => `${instruction} ${lines.join('\n')}`
  return {
    input: join(steps.map(({ untagged }) => untagged + stepToken)),
    label: join(steps.map(({ untagged, tag }) => untagged + tag)),
  }
}

/** What the registry holds of it. */
export const formatPRMDefinition = step.definition

/** Parameters of {@link formatPRM}. */
export interface FormatPRMParams<Format> extends CommonParams {
  /** `math-shepherd`: texts `input` and `label`; `trl`: `prompt`, `completions`, `labels`. Default `math-shepherd`. */
  readonly format?: Format
  /** What stands at the end of each step of `input`. Default `ки`. */
  readonly stepToken?: string
  /** What a good step and a bad one end with. Default `+` and `-`. */
  readonly tags?: readonly [good: string, bad: string]
}

/** The columns of a format. */
type Formatted<Format> = Format extends 'trl'
  ? {
      readonly prompt: string
      readonly completions: readonly string[]
      readonly labels: readonly boolean[]
    }
  : { readonly input: string; readonly label: string }

/**
 * Makes an example for a process reward model out of a solution whose every step ends with a tag: right or wrong.
 *
 * Reads `instruction` and `solutions`, the steps of one solution. A row is rejected as `input-invalid` where it has no
 * steps or one of them ends with neither tag.
 *
 * Source: Math-Shepherd (https://arxiv.org/abs/2312.08935).
 */
export function formatPRM<const Format extends 'math-shepherd' | 'trl' = 'math-shepherd'>(
  params: FormatPRMParams<Format> = {},
): Step<
  { readonly instruction: string; readonly solutions: readonly string[] },
  Formatted<Format>
> {
  // The columns follow from the format; the engine works them out again from its value.
  return step(params as never) as never
}
