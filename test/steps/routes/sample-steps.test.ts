import { expect, test } from 'vitest'

import { chooseBranches } from '../../../src/core/route.ts'
import { definitionKey } from '../../../src/core/step.ts'
import { sampleSteps } from '../../../src/steps/routes/sample-steps.ts'

test('version 1 chooses as it has always chosen', () => {
  const definition = sampleSteps(2)[definitionKey]
  expect(definition.version).toBe('1')
  const chosen = Array.from({ length: 12 }, (_, index) => {
    const row = { origin: String(index), identity: `row-${index}`, row: {} }
    const branches = ['a', 'b', 'c', 'd'].map((name, step) => ({ name, step }))
    const planned = { type: 'SampleSteps', signature: '', branches, ordinal: 0, share: 0.5 }
    return [
      ...chooseBranches({ definition, params: { size: 2 }, planned, seed: 7 }, 'load', row),
    ].join('')
  })
  expect(chosen.join(' ')).toBe('23 13 12 03 01 01 12 23 02 12 23 03')
})
