import { expect, test } from 'vitest'

import { prompt } from '../../../src/core/chat.ts'
import { mlx, mlxLLM } from '../../../src/models/openai/mlx-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testServer } from '../conformance/server-conformance.ts'

const { server, sent } = testServer({ definition: mlxLLM, spec: mlx })

test("the server's own parameters go out under its names", async () => {
  const bodies: unknown[] = []
  server().set({ respond: ({ body }) => void bodies.push(body) })
  const spec = mlx({
    model: 'mlx-community/small',
    baseURL: `${server().url}/v1`,
    generationKwargs: {
      topK: 40,
      minP: 0.1,
      repetitionPenalty: 1.1,
      repetitionContextSize: 20,
      xtcProbability: 0.5,
      xtcThreshold: 0.1,
      logitBias: { '5': 1 },
      adapters: 'adapters',
      draftModel: 'smaller',
      numDraftTokens: 4,
      chatTemplateKwargs: { enable_thinking: false },
    },
  })
  const llm = await mlxLLM.create(spec, {})
  await llm.chat(request('Hello'))
  await llm.close?.()
  expect(bodies[0]).toMatchObject({
    top_k: 40,
    min_p: 0.1,
    repetition_penalty: 1.1,
    repetition_context_size: 20,
    xtc_probability: 0.5,
    xtc_threshold: 0.1,
    logit_bias: { '5': 1 },
    adapters: 'adapters',
    draft_model: 'smaller',
    num_draft_tokens: 4,
    chat_template_kwargs: { enable_thinking: false },
  })
})

test('log-probabilities of a raw prompt are asked for by flag, too', async () => {
  const asked = { ...request(''), messages: [prompt('Once')] }
  const { body } = await sent({ generationKwargs: { topLogprobs: 2 } }, asked)
  expect(body).toMatchObject({ logprobs: true, top_logprobs: 2 })
})

test('it wants no key', () => {
  expect(mlxLLM.limitGroup(mlx({ model: 'm' }))).toBe('http://127.0.0.1:8080/v1 m')
})
