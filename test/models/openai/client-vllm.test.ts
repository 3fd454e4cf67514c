import { expect, test } from 'vitest'

import { clientVLLM, clientVLLMDefinition } from '../../../src/models/openai/client-vllm.ts'
import { request } from '../conformance/llm-conformance.ts'
import { testServer } from '../conformance/server-conformance.ts'

const { server } = testServer({ definition: clientVLLMDefinition, spec: clientVLLM })

function create() {
  const spec = clientVLLM({ baseURL: `${server().url}/v1` })
  return clientVLLMDefinition.create(spec, {})
}

test('a model that is not named is the first that the server lists, asked for once', async () => {
  const paths: string[] = []
  server().set({ models: ['served', 'other'], respond: ({ path }) => void paths.push(path) })
  const llm = await create()
  expect(paths).toEqual([])
  const answers = await Promise.all([llm.chat(request('One')), llm.chat(request('Two'))])
  expect(answers.map(({ model }) => model)).toEqual(['served', 'served'])
  expect(llm.model).toBe('served')
  expect(paths.filter((path) => path === '/v1/models')).toHaveLength(1)
  await llm.close?.()
})

test('a server that does not list its models now is asked again with the next request', async () => {
  server().set({ reply: { status: 503, body: {} } })
  const llm = await create()
  const error = await llm.chat(request('One')).then(String, (thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'provider-unavailable', verdict: 'retry' })
  expect(String(error)).toContain(`${server().url}/v1/models`)
  server().set({ reply: null })
  await expect(llm.chat(request('One'))).resolves.toBeDefined()
  await llm.close?.()
})

test('a server without a model says so', async () => {
  server().set({ models: [] })
  const llm = await create()
  await expect(llm.chat(request('One'))).rejects.toMatchObject({
    code: 'model-unknown',
    verdict: 'stop',
    message: expect.stringContaining("name one in 'model'"),
  })
  await llm.close?.()
})

test('a signal that was aborted before asks for nothing', async () => {
  const llm = await create()
  const reason = new Error('cancelled')
  const asked = llm.chat(request('Never'), { signal: AbortSignal.abort(reason) })
  await expect(asked).rejects.toBe(reason)
  expect(server().stats().requests).toBe(0)
  await llm.close?.()
})

test('answers of a model that is not named count as those of its server', () => {
  const identity = clientVLLMDefinition.identity(clientVLLM())
  expect(identity).toMatchObject({
    provider: 'http://127.0.0.1:8000/v1',
    model: '(whichever is served)',
  })
})
