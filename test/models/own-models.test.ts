import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

import {
  Pipeline,
  defineEmbeddings,
  defineImageModel,
  embeddingGeneration,
  imageGeneration,
  loadDataFromDicts,
  mixtureOfAgents,
  simulated,
  textGeneration,
} from '../../src/index.ts'
import type { LLMSpec, RateLimitReport } from '../../src/index.ts'
import { modelCodeOf, modelOfType } from '../../src/core/registry.ts'
import { registerCode } from '../../src/local/pipelines/register-code.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { parrot, startParrotServer } from './parrot.ts'

const server = await startParrotServer(({ body }, response) => {
  if (body.said !== 'fail') return { text: `${body.said}!`, read: 1, spoken: 2 }
  response.statusCode = 401
  return { error: { message: `No cage for ${response.req.headers.authorization}` } }
})
const { url } = server
const load = Pipeline.from('birds', loadDataFromDicts([{ instruction: 'hello' }]))
beforeAll(() => void (process.env['PARROT_KEY'] = 'seed-and-nuts'))
afterAll(async () => {
  delete process.env['PARROT_KEY']
  await server.close()
})

const asked = (prompt: string) => ({
  messages: [{ role: 'user' as const, content: prompt }],
  parameters: {},
  sampleIndex: 0,
})

test('a factory gives the JSON of a model, and a pipeline takes its code along', () => {
  const limits = { maxConcurrency: 3 }
  const spec = parrot({ baseURL: url, limits })
  expect(JSON.parse(JSON.stringify(spec))).toEqual({
    type: 'ParrotLLM',
    params: { baseURL: url },
    limits,
  })
  const { definitions } = load
    .step('one', textGeneration({ llm: spec }))
    .step('two', textGeneration({ llm: parrot({ baseURL: url }) }), {
      inputs: { instruction: 'generation' },
      outputs: { generation: 'again' },
    })
  expect(definitions.filter(({ kind }) => kind === 'llm')).toEqual([parrot.definition])
})

test('a copy of a model with other limits brings its code along, too', () => {
  const llm: LLMSpec = { ...parrot({ baseURL: url }), limits: { maxConcurrency: 9 } }
  expect(load.step('one', textGeneration({ llm })).definitions).toContain(parrot.definition)
})

test('models that are built in bring nothing along', () => {
  const { definitions } = load.step('one', textGeneration({ llm: simulated() }))
  expect(definitions.map(({ kind }) => kind)).toEqual(['generator', 'map'])
})

const both = mixtureOfAgents({
  aggregator: simulated(),
  proposers: [simulated(), parrot({ baseURL: url })],
})

test('the code of a model within another is found, in branches as well', () => {
  const pipeline = load
    .branch({
      a: (p) => p.step('a', textGeneration({ llm: both })),
      b: (p) => p.step('b', textGeneration({ llm: both })),
    })
    .group('texts', { generation: 'generations' })
  expect(pipeline.definitions).toContain(parrot.definition)
})

test('models that make vectors and images are defined as well', () => {
  const shared = {
    params: z.strictObject({}),
    identity: () => ({ provider: 'own', model: 'own', parameters: {} }),
  }
  const vectors = defineEmbeddings({
    ...shared,
    type: 'OwnEmbeddings',
    create: () => Promise.reject(new TypeError('never asked')),
  })
  const images = defineImageModel({
    ...shared,
    type: 'OwnImages',
    create: () => Promise.reject(new TypeError('never asked')),
  })
  const texts = Pipeline.from('texts', loadDataFromDicts([{ text: 'a', prompt: 'b' }]))
  expect(
    texts
      .step('embed', embeddingGeneration({ embeddings: vectors() }))
      .step('draw', imageGeneration({ imageGenerationModel: images() })).definitions,
  ).toEqual(expect.arrayContaining([vectors.definition, images.definition]))
})

test('a task with a model of its own runs alone', async () => {
  const task = textGeneration({ llm: parrot({ baseURL: url }) })
  expect(await task.process([{ instruction: 'hello' }])).toEqual([
    { instruction: 'hello', generation: 'hello!', model_name: 'grey' },
  ])
})

test('a mixture asks a model of its own, alone and where its code is registered', async () => {
  const task = textGeneration({
    llm: mixtureOfAgents({
      aggregator: parrot({ baseURL: url }),
      proposers: [parrot({ baseURL: url })],
    }),
  })
  expect(await task.process([{ instruction: 'hello' }])).toMatchObject([{ generation: 'hello!' }])

  const { registry, code } = await registerCode([parrot.definition], [], '.')
  const spec = JSON.parse(JSON.stringify(both))
  const mixture = modelOfType(registry, spec.type, 'say')
  expect(() => mixture.check(spec, {}, 'say')).not.toThrow()
  expect(mixture.identity(spec).model).toBe('moa-simulated-simulated-grey')
  expect(modelCodeOf(registry, spec)).toBe(code)
  expect(modelCodeOf(registry, simulated())).toBeUndefined()
  const llm = await mixture.create(spec, {})
  expect(llm.model).toBe('moa-simulated-simulated-grey')
  await llm.close?.()
  const unknown = modelOfType(builtInRegistry, spec.type, 'say')
  expect(() => unknown.check(spec, {}, 'say')).toThrow(
    "A model of a MixtureOfAgentsLLM has the type 'ParrotLLM', which is not known here.",
  )
})

test('a connection sends the key and tells the engine of limits', async () => {
  const llm = await parrot.definition.create(
    parrot({ baseURL: url, apiKeyEnv: 'PARROT_KEY' }),
    process.env,
  )
  const told: RateLimitReport[] = []
  const onRateLimit = (report: RateLimitReport) => void told.push(report)
  await llm.chat(asked('who?'), { onRateLimit })
  expect(server.calls.at(-1)?.headers).toMatchObject({
    authorization: 'Bearer seed-and-nuts',
    'x-cage': 'big',
  })
  expect(told).toMatchObject([{ requests: { limit: 7, remaining: 6 } }])
  await llm.close?.()
})

test('a key goes out in the header that is named for it', async () => {
  const spec = parrot({ baseURL: url, apiKeyEnv: 'PARROT_KEY', keyHeader: 'x-seed' })
  const llm = await parrot.definition.create(spec, process.env)
  await llm.chat(asked('who?'))
  const { headers } = server.calls.at(-1) ?? {}
  expect(headers?.['x-seed']).toBe('seed-and-nuts')
  expect(headers?.authorization).toBeUndefined()
  await llm.close?.()
})

test('what a connection fails at says what follows, and never the key', async () => {
  const spec = parrot({ baseURL: url, apiKeyEnv: 'PARROT_KEY' })
  const llm = await parrot.definition.create(spec, process.env)
  await expect(llm.chat(asked('fail'))).rejects.toMatchObject({
    code: 'authentication',
    verdict: 'stop',
    message: `ParrotLLM 'grey' got 401 from ${url}/say: No cage for [key]; check the key in PARROT_KEY.`,
  })
  const reason = new Error('enough')
  await expect(llm.chat(asked('never'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await llm.close?.()
  const gone = await parrot.definition.create(parrot({ baseURL: 'http://127.0.0.1:1' }), {})
  await expect(gone.chat(asked('hello'))).rejects.toMatchObject({ code: 'connection-lost' })
})

test('parameters and keys are checked as those of every model', async () => {
  const { definition } = parrot
  expect(() => definition.check({ type: 'ParrotLLM', params: { name: 'x' } }, {}, 'say')).toThrow(
    "The model of step 'say' (ParrotLLM) has no parameter 'name'.",
  )
  const lacking = parrot({ baseURL: url, apiKeyEnv: 'NO_SUCH_KEY' })
  await expect(definition.create(lacking, {})).rejects.toMatchObject({ code: 'key-missing' })
})

test('the compiler knows the parameters of a model', () => {
  expect(() => {
    // @ts-expect-error baseURL is missing
    parrot({ model: 'grey' })
    // @ts-expect-error it is no number
    parrot({ baseURL: 5 })
    // @ts-expect-error it turns no texts into vectors
    embeddingGeneration({ embeddings: parrot({ baseURL: url }) })
  }).not.toThrow()
})
