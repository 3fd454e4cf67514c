import { spawnSync } from 'node:child_process'

import { expect, test } from 'vitest'

import type { LLMSpec } from '../../src/core/llm-spec.ts'
import { costNanoUsd, replyCostNanoUsd } from '../../src/core/price.ts'
import { modelOfType } from '../../src/core/registry.ts'
import { mixtureOfAgents } from '../../src/models/mixture-of-agents/mixture-of-agents.ts'
import { priceOf, priceOfModel } from '../../src/models/prices.ts'
import { builtInRegistry } from '../../src/registry.ts'

const openai = 'https://api.openai.com/v1'

function price(provider: string, model: string) {
  return priceOf({ spec: {}, identity: { provider, model }, isSimulated: false })
}

test('a model of the table costs what the table says, by its address or by the name of its provider', async () => {
  const expected = {
    inputNanoUsdPerToken: 150,
    cachedInputNanoUsdPerToken: 75,
    outputNanoUsdPerToken: 600,
  }
  expect(await price(openai, 'gpt-4o-mini')).toEqual(expected)
  expect(await price('openai', 'gpt-4o-mini-2024-07-18')).toEqual(expected)
  expect(await price('https://api.mistral.ai', 'mistral-small-latest')).toEqual({
    inputNanoUsdPerToken: 100,
    outputNanoUsdPerToken: 300,
  })
})

test.each([
  ['another provider', 'https://models.example.com/v1', 'gpt-4o-mini'],
  ['a server of this machine', 'http://127.0.0.1:8000/v1', 'gpt-4o-mini'],
  ['a provider that only begins like a known one', 'openai-lookalike', 'gpt-4o-mini'],
  ["a model that the table doesn't know", openai, 'gpt-nobody-knows'],
])('%s has no price', async (_, provider, model) => {
  expect(await price(provider, model)).toBeUndefined()
})

test("a spec's own price wins over the table, and is enough where the table knows nothing", async () => {
  const spec = { prices: { inputUsdPerMillion: 0.25, outputUsdPerMillion: 0 } }
  for (const provider of [openai, 'http://127.0.0.1:8000/v1'])
    expect(
      await priceOf({ spec, identity: { provider, model: 'gpt-4o-mini' }, isSimulated: false }),
    ).toEqual({ inputNanoUsdPerToken: 250, outputNanoUsdPerToken: 0 })
})

test('simulated answers cost nothing', async () => {
  const identity = { provider: 'simulated', model: 'simulated' }
  const free = await priceOf({ spec: {}, identity, isSimulated: true })
  expect(free && costNanoUsd({ inputTokens: 1e6, outputTokens: 1e6 }, free)).toBe(0)
})

test('a long input makes all tokens of its call dearer, where the provider has such prices', async () => {
  const gemini = await price('google', 'gemini-2.5-pro')
  expect(gemini).toBeDefined()
  if (gemini === undefined) return
  expect(costNanoUsd({ inputTokens: 200_000, outputTokens: 10 }, gemini)).toBe(250_100_000)
  expect(costNanoUsd({ inputTokens: 200_001, outputTokens: 10 }, gemini)).toBe(500_152_500)
})

test('where prices depend on the hour, the dearest is taken', async () => {
  const model = await price('deepseek', 'deepseek-chat')
  expect(model?.outputNanoUsdPerToken).toBeCloseTo(1_100)
})

test('costs are whole numbers', () => {
  const third = { inputNanoUsdPerToken: 1 / 3, outputNanoUsdPerToken: 0.1 }
  expect(costNanoUsd({ inputTokens: 10, outputTokens: 3 }, third)).toBe(4)
})

test('the table is not loaded before it is needed', () => {
  const code = `
    import { registerHooks } from 'node:module'
    registerHooks({ load(url, context, next) { if (url.includes('genai-prices')) console.log(url); return next(url, context) } })
    const { priceOf } = await import(${JSON.stringify(new URL('../../src/models/prices.ts', import.meta.url).href)})
    const own = { prices: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }
    await priceOf({ spec: own, identity: { provider: 'openai', model: 'x' }, isSimulated: false })
    await priceOf({ spec: {}, identity: { provider: 'simulated', model: 'x' }, isSimulated: true })
    await priceOf({ spec: {}, identity: { provider: 'http://localhost:1/v1', model: 'x' }, isSimulated: false })
    console.log('then')
    await priceOf({ spec: {}, identity: { provider: 'openai', model: 'x' }, isSimulated: false })`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/^then\n.*genai-prices/)
})

test('a model that is made of others costs what each of them took, and is as dear as the dearest before', async () => {
  const priced = (inputUsdPerMillion: number, outputUsdPerMillion: number): LLMSpec => ({
    type: 'SimulatedLLM',
    params: {},
    prices: { inputUsdPerMillion, outputUsdPerMillion },
  })
  const spec = mixtureOfAgents({ aggregator: priced(1, 10), proposers: [priced(2, 5)] })
  const typeOf = (type: string) => modelOfType(builtInRegistry, type, 'step')
  const price = await priceOfModel(spec, typeOf)
  expect(price).toMatchObject({ inputNanoUsdPerToken: 2_000, outputNanoUsdPerToken: 10_000 })
  const usageOfParts = [
    { inputTokens: 10, outputTokens: 1 },
    { inputTokens: 10, outputTokens: 2 },
  ]
  const reply = { usage: { inputTokens: 20, outputTokens: 3 }, usageOfParts }
  expect(price && replyCostNanoUsd(reply, price)).toBe(10_000 + 10_000 + 20_000 + 10_000)
})
