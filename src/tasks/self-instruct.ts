import { z } from 'zod'

import { user } from '../core/chat.ts'
import { defineTask } from '../core/define-task.ts'
import type { TaskFactory } from '../core/define-task.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'
import { listItems } from './parsing/list-items.ts'
import { exampleInstructions } from './self-instruct/example-instructions.ts'

const defaultCriteria = `- Vary what is wanted (an explanation, a plan, a comparison, a text, a calculation, advice) and how it is put: questions and requests, terse ones and detailed ones.
- Let some be easy, and let some take several steps of thought or expert knowledge.
- Make each complete in itself, so that it can be answered with nothing but its own words.
- Ask for nothing that a text cannot give, such as a picture, a sound or something done in the world.`

const paramsSchema = z.object({
  numInstructions: z.int().min(1).default(5),
  criteriaForQueryGeneration: z.string().default(defaultCriteria),
  applicationDescription: z.string().default('AI assistant'),
})

const request = (
  {
    numInstructions: count,
    criteriaForQueryGeneration: criteria,
    applicationDescription: application,
  }: z.output<typeof paramsSchema>,
  input: string,
) => `# Task

Write ${count === 1 ? 'one query' : `${count} queries, each unlike the others,`} that a user could send to the application below. Take the subjects from the context; the user does not know it, so no query refers to it.

# Criteria

${criteria}

# Application

${application}

# Form of your answer

A list numbered from 1 to ${count}, each query on one line, with no word before or after the list and no markup:

1. <query>${count > 1 ? `\n…\n${count}. <query>` : ''}

# Context

<context>
${input}
</context>`

const task = defineTask({
  type: 'SelfInstruct',
  version: '1',
  papers: ['2212.10560'],
  params: paramsSchema,
  inputs: z.object({ input: z.string() }),
  outputs: z.object({ instructions: z.array(z.string()) }),
  formatInput: ({ input }, { params }) => [user(request(params, input))],
  formatOutput: (text, _row, { params }) => ({
    instructions: listItems(text, params.numInstructions),
  }),
  example: ({ input }, { params }) =>
    exampleInstructions(input, params.numInstructions)
      .map((instruction, index) => `${index + 1}. ${instruction}`)
      .join('\n'),
})

/** Parameters of {@link selfInstruct}. */
export interface SelfInstructParams extends TaskParams {
  /** How many instructions each row gets. Default 5. */
  readonly numInstructions?: number
  /** What the instructions should be like. By default varied, of mixed difficulty, self-contained and answerable in text. */
  readonly criteriaForQueryGeneration?: string
  /** The application that the instructions are for. Default `AI assistant`. */
  readonly applicationDescription?: string
}

/**
 * Asks a model for instructions that users of an application could give, on subjects from a row's text.
 *
 * Reads `input` and writes `instructions`, a list of exactly `numInstructions` texts without numbers, bullets or markdown,
 * and `model_name`. One call a row. An answer with more or fewer is asked for again; then the row is rejected with
 * `output-invalid`. To get a row for each instruction, expand the list in a step that follows.
 *
 * Source: Self-Instruct (https://arxiv.org/abs/2212.10560); the prompt is in words of its own.
 */
export const selfInstruct: TaskFactory<
  { readonly input: string },
  { readonly instructions: string[] },
  SelfInstructParams
> = task

/** What the registry holds of it. */
export const selfInstructDefinition: StepDefinition = task.definition
