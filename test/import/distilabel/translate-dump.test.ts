import { expect, test } from 'vitest'

import { resolvePipeline } from '../../../src/core/resolve-pipeline.ts'
import { parsePipelineSpec } from '../../../src/core/spec.ts'
import { errorOf } from '../../core/error-of.ts'
import { dumpOf, dumped, readDump, registry, translate, translatedStep } from './little-dump.ts'

/** What every task of the dumps says beside what makes it special. */
const task = {
  inputBatchSize: 50,
  numGenerations: 1,
  groupGenerations: false,
  addRawInput: true,
  addRawOutput: true,
}
const textGeneration = { ...task, template: '{{ instruction }}', columns: ['instruction'] }

function openAI(model: string, generationKwargs: object, params: object = {}) {
  const baseURL = 'https://api.openai.com/v1'
  return { type: 'OpenAILLM', params: { model, baseURL, generationKwargs, ...params } }
}

test('a pipeline of steps in a row is translated, and lacks its rows alone', () => {
  const { spec, unsupplied } = translate(readDump('linear.yaml'))
  expect(spec).toEqual({
    version: 1,
    name: 'linear',
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', params: {} },
      {
        name: 'answer',
        type: 'TextGeneration',
        after: ['load'],
        params: {
          ...textGeneration,
          inputBatchSize: 10,
          systemPrompt: 'Answer in one sentence.',
          llm: openAI('gpt-4o-mini', { temperature: 0.7, maxNewTokens: 512 }),
        },
      },
      {
        name: 'keep',
        type: 'KeepColumns',
        after: ['answer'],
        params: { inputBatchSize: 50, columns: ['instruction', 'generation', 'model_name'] },
      },
    ],
  })
  expect(unsupplied).toEqual([
    {
      step: 'load',
      path: ['data'],
      message:
        "Step 'load' (LoadDataFromDicts) has no rows, which distilabel leaves out of its files; give them with --set load.data=@rows.jsonl.",
    },
  ])
})

test('YAML and JSON of one pipeline are translated alike', () => {
  for (const name of ['linear', 'branching'])
    expect(translate(readDump(`${name}.json`))).toEqual(translate(readDump(`${name}.yaml`)))
})

test('a pipeline that routes to branches, groups and judges is translated', () => {
  const answer = (index: number, model: string) => ({
    name: `answer_${index}`,
    type: 'TextGeneration',
    after: ['load'],
    params: { ...textGeneration, llm: openAI(model, { maxNewTokens: 128 }) },
  })
  expect(translate(readDump('branching.yaml')).spec).toEqual({
    version: 1,
    name: 'branching',
    steps: [
      {
        name: 'load',
        type: 'LoadDataFromDicts',
        params: {},
        route: { type: 'SampleSteps', params: { size: 2 } },
      },
      answer(0, 'gpt-4o-mini'),
      answer(1, 'gpt-4o'),
      answer(2, 'gpt-4.1-mini'),
      {
        name: 'group',
        type: 'GroupColumns',
        after: ['answer_0', 'answer_1', 'answer_2'],
        params: {
          inputBatchSize: 50,
          columns: ['generation', 'model_name'],
          outputColumns: ['generations', 'generation_models'],
        },
      },
      {
        name: 'judge',
        type: 'UltraFeedback',
        after: ['group'],
        params: {
          ...task,
          aspect: 'instruction-following',
          llm: openAI('gpt-4o', { maxNewTokens: 1024 }),
        },
      },
      {
        name: 'keep',
        type: 'KeepColumns',
        after: ['judge'],
        params: {
          inputBatchSize: 50,
          columns: ['instruction', 'generations', 'generation_models', 'ratings', 'rationales'],
        },
      },
    ],
  })
})

test('a pipeline with mappings, joins and models of other providers resolves', () => {
  const { spec, unsupplied } = translate(readDump('mapped.yaml'))
  expect(unsupplied).toEqual([])
  const text = { type: 'string' }
  const key = 'a-key'
  const resolved = resolvePipeline(parsePipelineSpec(spec, 'The dump'), {
    registry,
    environment: {
      MISTRAL_API_KEY: key,
      TOGETHER_API_KEY: key,
      GROQ_API_KEY: key,
      ANYSCALE_API_KEY: key,
    },
    sourceColumns: { load_data_from_file_system_0: { question: text, topic: text } },
  })
  const providers = resolved.flatMap(({ spec: { name }, model }) =>
    model === undefined ? [] : [[name, model.spec.type, model.provider]],
  )
  expect(providers).toEqual([
    ['first', 'MistralLLM', 'https://api.mistral.ai'],
    ['second', 'TogetherLLM', 'https://api.together.xyz/v1'],
    ['third', 'ClientvLLM', 'http://127.0.0.1:8000/v1'],
    ['fourth', 'GroqLLM', 'https://api.groq.com/openai/v1'],
    ['fifth', 'AnyscaleLLM', 'https://api.endpoints.anyscale.com/v1'],
  ])
  expect(Object.keys(resolved.at(-1)?.columns?.schemas ?? {})).toEqual(
    expect.arrayContaining(['question', 'first_answer', 'first_model', 'grouped_text', 'answers']),
  )
})

test('mappings keep their direction, and a join names the columns of the data', () => {
  const { steps } = translate(readDump('mapped.yaml')).spec as {
    readonly steps: readonly { readonly name: string }[]
  }
  const step = (name: string) => steps.find((one) => one.name === name)
  expect(step('load_data_from_file_system_0')).toEqual({
    name: 'load_data_from_file_system_0',
    type: 'LoadDataFromFileSystem',
    outputs: { prompt: 'question' },
    params: { dataFiles: 'prompts.jsonl' },
  })
  expect(step('first')).toMatchObject({
    inputs: { instruction: 'question' },
    outputs: { generation: 'first_answer', model_name: 'first_model' },
  })
  expect(step('group')).toEqual({
    name: 'group',
    type: 'GroupColumns',
    after: ['fourth', 'fifth'],
    params: {
      inputBatchSize: 50,
      columns: ['third_answer', 'generation'],
      outputColumns: ['grouped_text', 'answers'],
    },
  })
})

test('a column that a step reads and writes goes back where it came from', () => {
  const truncate = (mappings: object) =>
    translatedStep(
      dumped('TruncateTextColumn', { max_length: 9, input_mappings: { text: 'doc' }, ...mappings }),
    )
  expect(truncate({})).toMatchObject({ inputs: { text: 'doc' }, outputs: { text: 'doc' } })
  expect(truncate({ output_mappings: { text: 'short' } })).toMatchObject({
    outputs: { text: 'short' },
  })
})

test("the parts of a path of Python's are one path", () => {
  const files = (data_files: unknown) =>
    translatedStep(dumped('LoadDataFromFileSystem', { data_files, split: 'train' }))['params']
  expect(files(['/', 'data', 'a.jsonl'])).toEqual({ dataFiles: '/data/a.jsonl' })
  expect(files(['data', '*.jsonl'])).toEqual({ dataFiles: 'data/*.jsonl' })
})

test("datasets of the Hub and of a folder are loaded with their parameters, but for how Python's library reads", () => {
  const unset = { num_examples: null, storage_options: null, revision: null, batch_size: 50 }
  const hub = dumped('LoadDataFromHub', {
    ...unset,
    repo_id: 'acme/chats',
    split: 'test',
    config: 'en',
    revision: 'v1',
    streaming: true,
    num_examples: 5,
  })
  expect(translatedStep(hub)).toMatchObject({
    type: 'LoadDataFromHub',
    params: {
      repoId: 'acme/chats',
      split: 'test',
      config: 'en',
      revision: 'v1',
      numExamples: 5,
    },
  })
  const disk = (fields: object) =>
    translatedStep(
      dumped('LoadDataFromDisk', {
        ...unset,
        config: 'default',
        is_distiset: true,
        keep_in_memory: false,
        streaming: false,
        split: null,
        ...fields,
      }),
    )['params']
  expect(disk({ dataset_path: ['/', 'data', 'answers'] })).toEqual({ datasetPath: '/data/answers' })
  expect(disk({ dataset_path: 'answers', config: 'judged', split: 'train' })).toEqual({
    datasetPath: 'answers',
    config: 'judged',
    split: 'train',
  })
})

test('a name that no dataset can have is made one', () => {
  const named = (name: unknown) => {
    const dump = dumpOf() as { readonly pipeline: object }
    return translate({ ...dump, pipeline: { ...dump.pipeline, name } }).spec['name']
  }
  expect(named('beyond us: all of it')).toBe('beyond-us-all-of-it')
  expect(named('..')).toBe('pipeline')
  expect(named('/é/')).toBe('pipeline')
  expect(named(null)).toBe('pipeline')
  expect(named('a'.repeat(300))).toBe('a'.repeat(200))
})

test("another release's file and a damaged one are refused", () => {
  const dump = dumpOf() as { readonly pipeline: object }
  const newer = errorOf(() => translate({ ...dump, distilabel: { version: '2.0.0' } }))
  expect(newer).toMatchObject({ code: 'import-unsupported', verdict: 'invalid' })
  expect(newer.message).toBe(
    `'pipeline.yaml' was written by distilabel "2.0.0"; files of distilabel 1 can be imported.`,
  )
  for (const pipeline of [{}, { steps: [{}], connections: [] }, { steps: [], connections: [1] }])
    expect(errorOf(() => translate({ ...dump, pipeline }))).toMatchObject({
      code: 'spec-invalid',
      message:
        "'pipeline.yaml' begins as a pipeline of distilabel does, but its steps and connections are not all there; save it again with 'pipeline.save'.",
    })
})
