import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { LLMSpec } from '../../../src/core/llm-spec.ts'
import type { LLMDefinition } from '../../../src/models/model-definition.ts'
import { anyscale, anyscaleLLM } from '../../../src/models/openai/anyscale-llm.ts'
import { azureOpenAI, azureOpenAILLM } from '../../../src/models/openai/azure-openai-llm.ts'
import { clientVLLM, clientVLLMDefinition } from '../../../src/models/openai/client-vllm.ts'
import { groq, groqLLM } from '../../../src/models/openai/groq-llm.ts'
import { liteLLM, liteLLMDefinition } from '../../../src/models/openai/lite-llm.ts'
import {
  llamaCppServer,
  llamaCppServerLLM,
} from '../../../src/models/openai/llama-cpp-server-llm.ts'
import { mlx, mlxLLM } from '../../../src/models/openai/mlx-llm.ts'
import { openAILLM, openai } from '../../../src/models/openai/openai-llm.ts'
import { openRouter, openRouterLLM } from '../../../src/models/openai/open-router-llm.ts'
import { together, togetherLLM } from '../../../src/models/openai/together-llm.ts'
import { vLLM, vLLMDefinition } from '../../../src/models/openai/vllm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { strictFormat } from '../conformance/server-conformance.ts'

const mock = new LLMock({ port: 0 })

beforeAll(async () => {
  mock.on(
    { userMessage: 'As JSON', responseFormat: 'json_schema' },
    { content: '{"answer":"Yes"}' },
  )
  mock.on(
    { userMessage: 'By tool' },
    { toolCalls: [{ name: 'answer', arguments: '{"answer":"Yes"}' }] },
  )
  mock.onMessage('Think', { content: 'Hi there!', reasoning: 'Hm.' })
  mock.onMessage('Hello', { content: 'Hi there!' })
  await mock.start()
})
afterAll(() => mock.stop())

async function ask(definition: LLMDefinition, spec: LLMSpec, asked = request('Hello')) {
  const llm = await definition.create(spec, { K: 'some-key' })
  try {
    return await llm.chat(asked)
  } finally {
    await llm.close?.()
  }
}

const at = () => ({ model: 'small', baseURL: `${mock.url}/v1`, apiKeyEnv: 'K' })

const types: readonly (readonly [LLMDefinition, () => LLMSpec])[] = [
  [openAILLM, () => openai(at())],
  [togetherLLM, () => together(at())],
  [groqLLM, () => groq(at())],
  [anyscaleLLM, () => anyscale(at())],
  [liteLLMDefinition, () => liteLLM(at())],
  [openRouterLLM, () => openRouter(at())],
  [vLLMDefinition, () => vLLM(at())],
  [clientVLLMDefinition, () => clientVLLM({ baseURL: `${mock.url}/v1` })],
  [llamaCppServerLLM, () => llamaCppServer(at())],
  [mlxLLM, () => mlx(at())],
  [
    azureOpenAILLM,
    () => azureOpenAI({ model: 'small', endpoint: mock.url, apiVersion: 'v', apiKeyEnv: 'K' }),
  ],
]

test.for(types.map(([definition, spec]) => [definition.type, definition, spec] as const))(
  'an independent fake of chat completions is understood by %s',
  async ([, definition, spec]) => {
    const answer = await ask(definition, spec())
    expect(answer.choices).toEqual([{ text: 'Hi there!', finishReason: 'stop' }])
    expect(answer.usage.outputTokens).toBeGreaterThan(0)
  },
)

test('so are its JSON, its tools, and what it thinks', async () => {
  const json = await ask(openAILLM, openai(at()), { ...request('As JSON'), format: strictFormat })
  expect(JSON.parse(json.choices[0]?.text ?? '')).toEqual({ answer: 'Yes' })
  const byTool = openai({ ...at(), structuredMode: 'tool' })
  const tool = await ask(openAILLM, byTool, { ...request('By tool'), format: strictFormat })
  expect(tool.choices).toEqual([{ text: '{"answer":"Yes"}', finishReason: 'stop' }])
  const thought = await ask(openAILLM, openai(at()), request('Think'))
  expect(thought.choices).toEqual([{ text: 'Hi there!', finishReason: 'stop', reasoning: 'Hm.' }])
})

test('so are its responses', async () => {
  const spec = openai({ ...at(), api: 'responses' })
  const thought = await ask(openAILLM, spec, request('Think'))
  expect(thought.choices).toEqual([{ text: 'Hi there!', finishReason: 'stop', reasoning: 'Hm.' }])
  const byTool = openai({ ...at(), api: 'responses', structuredMode: 'tool' })
  const tool = await ask(openAILLM, byTool, { ...request('By tool'), format: strictFormat })
  expect(tool.choices).toEqual([{ text: '{"answer":"Yes"}', finishReason: 'stop' }])
})
