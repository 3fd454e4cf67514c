import { expect, test } from 'vitest'

import { simulated, simulatedLLM } from '../../../src/models/simulated/simulated-llm.ts'
import { request, testLLM } from '../conformance/llm-conformance.ts'

testLLM(() => simulatedLLM.create(simulated(), {}))

test('a simulated model answers with the example of the task', async () => {
  const llm = await simulatedLLM.create(simulated(), {})
  const answer = await llm.chat(request('Hello'), { example: () => 'Twelve chars' })
  expect(answer).toEqual({
    choices: [{ text: 'Twelve chars', finishReason: 'stop' }],
    usage: { inputTokens: 7, outputTokens: 3 },
    model: 'simulated',
  })
  expect(llm.isSimulated).toBe(true)
})

test('a simulated model that takes its time can be stopped', async () => {
  const llm = await simulatedLLM.create(simulated({ latencyMs: 60_000 }), {})
  const controller = new AbortController()
  const reason = new Error('cancelled')
  const asked = llm.chat(request('Hello'), { signal: controller.signal })
  controller.abort(reason)
  await expect(asked).rejects.toBe(reason)
})

test('a simulated model has no key, and answers that pass for no real model', () => {
  const spec = simulated({ limits: { maxConcurrency: 3 } })
  expect(JSON.parse(JSON.stringify(spec))).toEqual({
    type: 'SimulatedLLM',
    params: {},
    limits: { maxConcurrency: 3 },
  })
  expect(simulatedLLM.keyVariable(spec)).toBeUndefined()
  expect(simulatedLLM.identity(spec).provider).toBe('simulated')
})
