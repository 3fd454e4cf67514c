import { expect, test } from 'vitest'

import type { FakeCall } from '../../../bench/fake-server/fake-options.ts'
import {
  type AzureOpenAIOptions,
  azureOpenAI,
  azureOpenAILLM,
} from '../../../src/models/openai/azure-openai-llm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { type ServerSpecOptions, testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({
  definition: azureOpenAILLM,
  path: '/openai/v1/chat/completions',
  keyHeader: 'api-key',
  spec: ({ baseURL, ...options }: ServerSpecOptions) =>
    azureOpenAI({ ...options, endpoint: baseURL.replace(/\/v1$/, '') }),
})

async function called(options: Partial<AzureOpenAIOptions>): Promise<FakeCall | undefined> {
  const calls: FakeCall[] = []
  server().set({ respond: (call) => void calls.push(call) })
  const spec = azureOpenAI({ model: 'gpt-4o', endpoint: `${server().url}/`, ...options })
  const llm = await azureOpenAILLM.create(spec, { AZURE_OPENAI_API_KEY: 'azure-key' })
  expect(await llm.chat(request('Hello'))).toMatchObject({ choices: [{ finishReason: 'stop' }] })
  expect(llm.model).toBe('gpt-4o')
  await llm.close?.()
  return calls[0]
}

test('a version of the API goes with the deployment into the address', async () => {
  const call = await called({ apiVersion: '2024-10-21', deployment: 'my model' })
  expect(call?.path).toBe('/openai/deployments/my%20model/chat/completions?api-version=2024-10-21')
  expect(call?.headers['api-key']).toBe('azure-key')
  expect(call?.authorization).toBeUndefined()
})

test('without a version, the deployment goes in the place of the model', async () => {
  const call = await called({ deployment: 'mine' })
  expect(call?.path).toBe('/openai/v1/chat/completions')
  expect(call?.model).toBe('mine')
})

test.for(['', '/', '/openai', '/openai/v1/'])(
  "an endpoint that ends in '%s' is the same resource",
  async (end) => {
    const call = await called({ endpoint: `${server().url}${end}` })
    expect(call?.path).toBe('/openai/v1/chat/completions')
  },
)

test('a deployment that is missing is a model that is missing', async () => {
  const body = {
    error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' },
  }
  server().set({ reply: { status: 404, body } })
  const spec = azureOpenAI({ model: 'm', endpoint: server().url, apiVersion: 'v' })
  const llm = await azureOpenAILLM.create(spec, { AZURE_OPENAI_API_KEY: 'azure-key' })
  const error = await llm.chat(request('Hello')).then(String, (thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'model-unknown', verdict: 'stop' })
  expect(String(error)).toContain(`${server().url}/openai/deployments/m/chat/completions`)
  await llm.close?.()
})

test('a prompt that the content filter stops is filtered', async () => {
  const inner = { code: 'ResponsibleAIPolicyViolation' }
  const error = { code: 'content_filter', message: 'The response was filtered', innererror: inner }
  server().set({ reply: { status: 400, body: { error } } })
  const spec = azureOpenAI({ model: 'm', endpoint: server().url, apiKeyEnv: null })
  const llm = await azureOpenAILLM.create(spec, {})
  await expect(llm.chat(request('Hello'))).rejects.toMatchObject({ code: 'content-filter' })
  await llm.close?.()
})

test('a model counts by its resource, its name and its deployment', () => {
  const endpoint = 'https://name.openai.azure.com'
  const spec = azureOpenAI({ model: 'gpt-4o', endpoint, deployment: 'mine' })
  expect(azureOpenAILLM.identity(spec)).toEqual({
    provider: 'https://name.openai.azure.com/openai/v1',
    model: 'gpt-4o',
    parameters: { maxNewTokens: 2048, deployment: 'mine' },
  })
  const versions = ['2024-10-21', '2025-03-01'].map((apiVersion) =>
    azureOpenAILLM.identity(azureOpenAI({ model: 'gpt-4o', endpoint, apiVersion })),
  )
  expect(versions[0]).toEqual(versions[1])
})
