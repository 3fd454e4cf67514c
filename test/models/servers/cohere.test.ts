import { afterAll, beforeAll } from 'vitest'

import { cohere, cohereLLM } from '../../../src/models/cohere/cohere-llm.ts'
import { testLLM } from '../conformance/llm-conformance.ts'
import { startCohere } from './cohere.ts'

let server: Awaited<ReturnType<typeof startCohere>>

beforeAll(async () => {
  server = await startCohere()
})
afterAll(() => server.close())

testLLM(async () => {
  const spec = cohere({ model: 'command-a-03-2025', baseURL: server.url, apiKeyEnv: null })
  return await cohereLLM.create(spec, {})
})
