import { expect, test } from 'vitest'

import { anyscale, anyscaleLLM } from '../../../src/models/openai/anyscale-llm.ts'
import { testServer } from '../conformance/server-conformance.ts'

testServer({ definition: anyscaleLLM, spec: anyscale })

test('it has an address and a key of its own', () => {
  expect(anyscaleLLM.limitGroup(anyscale({ model: 'm' }))).toBe(
    'https://api.endpoints.anyscale.com/v1 ANYSCALE_API_KEY m',
  )
})
