import { expect, test } from 'vitest'

import { together, togetherLLM } from '../../../src/models/openai/together-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { regexFormat, testServer } from '../conformance/server-conformance.ts'

const { sent } = testServer({ definition: togetherLLM, spec: together })

test('log-probabilities are asked for by their number', async () => {
  const flagged = await sent({ generationKwargs: { logprobs: true } })
  expect(flagged.body).toMatchObject({ logprobs: 1 })
  const counted = await sent({ generationKwargs: { topLogprobs: 5 } })
  expect(counted.body).toMatchObject({ logprobs: 5 })
  expect(counted.body).not.toHaveProperty('top_logprobs')
})

test('a regular expression is a format of answers', async () => {
  const { body } = await sent({}, { ...request('Hello'), format: regexFormat })
  expect(body).toMatchObject({ response_format: { type: 'regex', pattern: '[a-z]+' } })
})

test('it has a key of its own, and parameters by which tokens are drawn', () => {
  const spec = together({ model: 'm', generationKwargs: { topK: 5, minP: 0.1 } })
  expect(togetherLLM.limitGroup(spec)).toBe('https://api.together.xyz/v1 TOGETHER_API_KEY m')
  expect(togetherLLM.identity(spec).parameters).toEqual({ maxNewTokens: 2048, topK: 5, minP: 0.1 })
})
