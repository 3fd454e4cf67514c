import { afterAll, beforeAll } from 'vitest'

import { anthropic, anthropicLLM } from '../../../src/models/anthropic/anthropic-llm.ts'
import { testLLM } from '../conformance/llm-conformance.ts'
import { startAnthropic } from './anthropic.ts'

let server: Awaited<ReturnType<typeof startAnthropic>>

beforeAll(async () => {
  server = await startAnthropic()
})
afterAll(() => server.close())

testLLM(async () => {
  const spec = anthropic({ model: 'claude-opus-5', baseURL: server.url, apiKeyEnv: null })
  return await anthropicLLM.create(spec, {})
})
