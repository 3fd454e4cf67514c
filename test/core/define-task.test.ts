import { expect, test } from 'vitest'
import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { contractOf } from '../../src/core/resolve-columns.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { rejectionOf } from './error-of.ts'

const grade = defineTask({
  type: 'Grade',
  params: z.object({ inWords: z.boolean().default(false) }),
  inputs: z.object({}),
  outputs: z.object({ grade: z.union([z.string(), z.number()]) }),
  outputSchema: ({ inWords }) => z.object({ grade: inWords ? z.string() : z.number() }),
  formatInput: () => [user('Grade it.')],
  formatOutput: (text) => ({ grade: text }),
  example: () => 'good',
})
const llm = simulated()

test('the columns that a task writes may depend on its parameters', () => {
  const typeOf = (inWords: boolean) =>
    contractOf(grade.definition, { inWords }, 'grade').writes['grade']
  expect(typeOf(true)).toEqual({ type: 'string' })
  expect(typeOf(false)).toEqual({ type: 'number' })
})

test('an answer is checked against the columns that the parameters ask for', async () => {
  const [graded] = await grade({ llm, inWords: true }).process([{}])
  expect(graded).toEqual({ grade: 'good', model_name: 'simulated' })
  const error = await rejectionOf(grade({ llm }).process([{}]))
  expect(error.code).toBe('output-invalid')
  expect(error.message).toContain("Column 'grade' of the answer does not hold")
})
