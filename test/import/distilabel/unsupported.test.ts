import { expect, test } from 'vitest'

import { errorOf } from '../../core/error-of.ts'
import { dumpOf, dumped, readDump, translate } from './little-dump.ts'

function findingsOf(dump: unknown) {
  const error = errorOf(() => translate(dump))
  expect(error.code).toBe('import-unsupported')
  const { findings } = error.data as { readonly findings: readonly { readonly what: string }[] }
  return { findings, message: error.message }
}

/** What is found in a model, without the words around it. */
function inModel(fields: object, name = 'OpenAILLM', module?: string) {
  const llm = dumped(name, { model: 'small', ...fields }, module)
  const { findings, message } = findingsOf(dumpOf(dumped('TextGeneration', { name: 'ask', llm })))
  return { found: findings.map(({ what }) => what), message }
}

test('everything that has no counterpart is listed at once, by name', () => {
  const { findings } = findingsOf(readDump('beyond.yaml'))
  expect(findings.map(({ what }) => what)).toEqual([
    "the routing function behind step 'magpie' is code that the file leaves out",
    "step 'magpie' is of the class MagpieGenerator, which is not here",
    "step 'evolve' is of the class EvolInstruct, which is not here",
    "parameter 'llm.default_headers' of step 'answer' has no counterpart in OpenAILLM",
    "parameter 'llm.structured_output' of step 'answer' has no counterpart in OpenAILLM",
    "step 'shout' is of the class __main__.Shout, whose code the file leaves out",
    "step 'whisper' is of the class __main__.Whisper, whose code the file leaves out",
    "parameter 'token' of step 'push' holds a secret",
  ])
})

test('the sentence says of each what to do', () => {
  const dump = dumpOf(
    dumped('EvolInstruct', { name: 'evolve' }),
    dumped('KeepColumns', { fancy: 1 }),
  )
  expect(findingsOf(dump).message).toBe(
    "'pipeline.yaml' cannot be imported as it is: (1) step 'evolve' is of the class EvolInstruct, which is not here: take it out, or write it in TypeScript with defineStep, defineTask or defineGenerator; (2) parameter 'fancy' of step 'step_2' (KeepColumns) has no counterpart: take it out.",
  )
})

test("a class of the author's own is not taken for one of distilabel with the same name", () => {
  expect(
    findingsOf(dumpOf(dumped('TextGeneration', { name: 'ask' }, 'my.steps'))).findings,
  ).toMatchObject([{ what: expect.stringContaining('of the class my.steps.TextGeneration') }])
  expect(inModel({}, 'OpenAILLM', 'my.models').found).toEqual([
    "the model of step 'ask' is of the class OpenAILLM, which is not here",
  ])
})

test('names of what every object has are no types', () => {
  expect(findingsOf(dumpOf(dumped('constructor', { name: 'odd' }))).findings).toHaveLength(1)
  expect(inModel({}, 'constructor').found).toHaveLength(1)
  expect(inModel({ constructor: 1 }).found).toHaveLength(1)
})

test.each([['a-real-key'], [{ _secret_value: 'a-real-key' }]])(
  'a key in the file is refused and not repeated: %j',
  (key) => {
    const { found, message } = inModel({ api_key: key })
    expect(found).toEqual(["parameter 'llm.api_key' of step 'ask' holds a key"])
    expect(message).toContain(
      'take it out of the file and put the key into the environment variable OPENAI_API_KEY, or another that --set ask.llm.params.apiKeyEnv=NAME names',
    )
    expect(message).not.toContain('a-real-key')
  },
)

test('a key that is hidden or empty is none', () => {
  for (const api_key of ['**********', '', null]) {
    const llm = dumped('OpenAILLM', { model: 'small', api_key })
    expect(() => translate(dumpOf(dumped('TextGeneration', { llm })))).not.toThrow()
  }
})

test('no value of the file stands in the error', () => {
  const secret = 'value-of-a-header'
  const { message } = inModel({
    default_headers: { Authorization: secret },
    generation_kwargs: { unheard_of: secret },
    odd: secret,
  })
  expect(message).not.toContain(secret)
})

test('what a model is told that ours does not know is listed', () => {
  expect(inModel({ use_offline_batch_generation: true }, 'AnthropicLLM').found).toEqual([
    "parameter 'llm.use_offline_batch_generation' of step 'ask' has no counterpart in AnthropicLLM",
  ])
  expect(inModel({ generation_kwargs: { seed: 3 } }, 'MistralLLM').found).toEqual([
    "parameter 'llm.generation_kwargs.seed' of step 'ask' has no counterpart in MistralLLM",
  ])
  expect(inModel({ tokenizer: 'org/other' }, 'ClientvLLM').found).toEqual([
    "parameter 'llm.tokenizer' of step 'ask' has no counterpart in ClientvLLM",
  ])
  const own = inModel({ quantization: 'awq', dtype: 'auto' }, 'vLLM')
  expect(own.found).toEqual([
    "parameter 'llm.quantization' of step 'ask' has no counterpart in vLLM",
  ])
  expect(own.message).toContain('start a vLLM server with it, and take it out')
  expect(inModel({ structured_output: { format: 'json', schema: '' } }).found).toEqual([
    "parameter 'llm.structured_output' of step 'ask' has no counterpart in OpenAILLM",
  ])
})

test('a model within a mixture that is not here, or holds a key, is told with its place', () => {
  const { found, message } = inModel(
    {
      model: null,
      aggregator_llm: dumped('OpenAILLM', { model: 'a', api_key: 'a-real-key' }),
      proposers_llms: [dumped('OpenAILLM', { model: 'b' }), dumped('MyLLM', {}, 'my.models')],
    },
    'MixtureOfAgentsLLM',
  )
  expect(found).toEqual([
    "parameter 'llm.aggregator.api_key' of step 'ask' holds a key",
    "the model of step 'ask' is of the class MyLLM, which is not here",
  ])
  expect(message).toContain('--set ask.llm.params.aggregator.params.apiKeyEnv=NAME')
})

test('a model for another use than that of its step is not here', () => {
  expect(inModel({}, 'vLLMEmbeddings').found).toEqual([
    "the model of step 'ask' is of the class vLLMEmbeddings, which is not here",
  ])
})

test('mappings of a join without columns of its own and lines of texts are listed', () => {
  const { findings } = findingsOf(
    dumpOf(
      dumped('CombineOutputs', { name: 'join', output_mappings: { a: 'b' } }),
      dumped('LoadDataFromFileSystem', { name: 'texts', data_files: 'a', filetype: 'text' }),
    ),
  )
  expect(findings.map(({ what }) => what)).toEqual([
    "parameter 'output_mappings' of step 'join' maps columns of a join",
    "parameter 'filetype' of step 'texts' makes each line of a text a row, which is not here",
  ])
})

test('what a dataset is told of its storage has no counterpart', () => {
  const options = { repo_id: 'acme/chats', storage_options: { anon: true } }
  expect(
    findingsOf(dumpOf(dumped('LoadDataFromHub', { name: 'hub', ...options }))).message,
  ).toContain(
    "parameter 'storage_options' of step 'hub' (LoadDataFromHub) has no counterpart: take it out",
  )
})

test('a model whose address distilabel reads from the environment lacks it', () => {
  const llm = dumped('AzureOpenAILLM', {
    model: 'gpt-4o',
    base_url: null,
    api_version: '2024-10-21',
  })
  const { unsupplied } = translate(dumpOf(dumped('TextGeneration', { name: 'ask', llm })))
  expect(unsupplied[1]).toEqual({
    step: 'ask',
    path: ['llm', 'params', 'endpoint'],
    message:
      "The model of step 'ask' (AzureOpenAILLM) has no 'endpoint', which distilabel reads from AZURE_OPENAI_ENDPOINT; give it with --set ask.llm.params.endpoint=https://NAME.openai.azure.com.",
  })
})
