import { tmpdir } from 'node:os'

import { expect, test } from 'vitest'

import { retort } from '../e2e/retort-command.ts'

const models = (...args: readonly string[]) => retort(tmpdir(), ['models', ...args])

test('models lists every type by kind, with what each can do and needs', async () => {
  const { code, stdout, stderr } = await models()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const line of [
    /^LLM +ASKED +FORMS +N +BATCH +IMAGES +LOGPROBS +REASONING +KEY +PACKAGE$/m,
    /^OpenAILLM +chat, completions +json-schema, tool +128 +yes +yes +yes +yes +OPENAI_API_KEY$/m,
    /^AnthropicLLM +chat +json-schema, tool +1 +yes +yes +yes +ANTHROPIC_API_KEY +@anthropic-ai\/sdk$/m,
    /^MlxLLM +chat, completions +in words +1 +/m,
    /^EMBEDDINGS +KEY +PACKAGE$/m,
    /^MistralEmbeddings +MISTRAL_API_KEY +Models of Mistral AI\.$/m,
    /^IMAGES +KEY +PACKAGE$/m,
    /^OpenAIImageGeneration +OPENAI_API_KEY +/m,
  ])
    expect(stdout).toMatch(line)
})

test('models with a type lists its parameters', async () => {
  const { code, stdout } = await models('OpenAILLM')
  expect(code).toBe(0)
  for (const line of [
    /^OpenAILLM: OpenAI's models, or any server that speaks its chat completions\.$/m,
    /^In TypeScript +openai\(\{ … \}\)$/m,
    /^Held to forms by +json-schema, tool$/m,
    /^Also +batch, images, logprobs, reasoning$/m,
    /^Key +OPENAI_API_KEY$/m,
    /^PARAMETER +TYPE +DEFAULT$/m,
    /^model +string +required +The model's name as the provider knows it\.$/m,
    /^baseURL +string +"https:\/\/api\.openai\.com\/v1" +The server's address\.$/m,
    /^timeouts\.callSeconds +number +600 +Until the whole answer is there\.$/m,
    /^generationKwargs\.temperature +number +Randomness/m,
  ])
    expect(stdout).toMatch(line)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(260)
})

test('models as JSON is for programs', async () => {
  const list = JSON.parse((await models('--json')).stdout)
  expect(list).toContainEqual({
    type: 'SimulatedEmbeddings',
    kind: 'embeddings',
    description: 'Makes vectors of the words of a text, and asks nobody.',
    factory: 'simulatedEmbeddings',
    capabilities: null,
    keyVariable: null,
    package: null,
    isInstalled: true,
  })
  const one = JSON.parse((await models('openAIEmbeddings', '--json')).stdout)
  expect(one).toMatchObject({
    type: 'OpenAIEmbeddings',
    params: expect.arrayContaining([
      expect.objectContaining({ path: 'model', type: 'string', isRequired: true }),
    ]),
  })
})

test('an unknown type is refused with the nearest', async () => {
  expect(await models('OpenAILM')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: "error: There is no type of model 'OpenAILM'. Did you mean 'OpenAILLM'?\n",
  })
})
