import { expect, test } from 'vitest'

import { atStep } from '../../activities/failures.ts'
import { RetortError } from '../../src/core/errors.ts'

test('an error is told with the step that it happened in', () => {
  const error = atStep(new RetortError('authentication', 'The key is refused.'), 'draft')
  expect(error).toMatchObject({
    code: 'authentication',
    message: "Step 'draft': The key is refused.",
    data: { step: 'draft' },
  })
})

test('a step that another one stopped is not blamed', () => {
  const error = atStep(new RetortError('authentication', 'The key is refused.'), 'draft')
  expect(atStep(error, 'revise')).toBe(error)
})
