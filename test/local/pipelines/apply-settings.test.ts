import { expect, test } from 'vitest'

import type { JsonValue } from '../../../src/core/json.ts'
import type { PipelineSpec } from '../../../src/core/spec.ts'
import { applySettings } from '../../../src/local/pipelines/apply-settings.ts'

const spec: PipelineSpec = {
  version: 1,
  name: 'answers',
  steps: [
    { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: ['a.jsonl'] } },
    {
      name: 'generate',
      type: 'TextGeneration',
      after: ['load'],
      params: { llm: { type: 'OpenAILLM', params: { model: 'small' } } },
    },
    { name: 'generate.twice', type: 'KeepColumns', after: ['generate'] },
  ],
}

function paramsAfter(step: string, ...settings: string[]): unknown {
  return applySettings(spec, settings).steps.find(({ name }) => name === step)?.params
}

test('a setting changes a parameter and leaves the rest', () => {
  expect(applySettings(spec, ['load.numExamples=100'])).toEqual({
    ...spec,
    steps: [
      { ...spec.steps[0], params: { dataFiles: ['a.jsonl'], numExamples: 100 } },
      spec.steps[1],
      spec.steps[2],
    ],
  })
  expect(spec.steps[0]?.params).toEqual({ dataFiles: ['a.jsonl'] })
})

test('a setting reaches below parameters, also where nothing is yet', () => {
  expect(
    paramsAfter(
      'generate',
      'generate.llm.limits.maxConcurrency=20',
      'generate.llm.params.model=big',
    ),
  ).toEqual({
    llm: { type: 'OpenAILLM', params: { model: 'big' }, limits: { maxConcurrency: 20 } },
  })
})

test('values are JSON, else texts', () => {
  const values = ['3', 'true', 'null', '"3"', '[1,2]', '{"a":1}', 'a=b', '', '03']
  expect(values.map((value) => paramsAfter('generate.twice', `generate.twice.x=${value}`))).toEqual(
    [3, true, null, '3', [1, 2], { a: 1 }, 'a=b', '', '03'].map((x) => ({ x })),
  )
})

test('a value that is a file is what the file holds, and @@ begins a text with @', () => {
  const files = new Map<string, JsonValue>([
    ['rows.jsonl', [{ a: 1 }]],
    ['null.json', null],
  ])
  const settings = ['load.data=@rows.jsonl', 'load.x=@null.json', 'load.y=@@home', 'load.z="@home"']
  expect(applySettings(spec, settings, files).steps[0]?.params).toEqual({
    dataFiles: ['a.jsonl'],
    data: [{ a: 1 }],
    x: null,
    y: '@home',
    z: '@home',
  })
})

test('of the steps that a path begins with, the longest name is meant', () => {
  expect(paramsAfter('generate.twice', 'generate.twice.columns=["a"]')).toEqual({ columns: ['a'] })
})

test('the last of two settings of one parameter holds', () => {
  expect(paramsAfter('load', 'load.numExamples=1', 'load.numExamples=2')).toMatchObject({
    numExamples: 2,
  })
})

test.each([
  [
    'load.numExamples',
    `'--set load.numExamples' sets nothing; write step.parameter=value, such as generate.inputBatchSize=10.`,
  ],
  [
    '=3',
    `'--set =3' sets nothing; write step.parameter=value, such as generate.inputBatchSize=10.`,
  ],
  [
    'generat.inputBatchSize=3',
    `'--set generat.inputBatchSize' names the step 'generat', which the pipeline does not have. Did you mean 'generate'?`,
  ],
  [
    'seed=3',
    `'--set seed' names the step 'seed', which the pipeline does not have. There are: 'load', 'generate', 'generate.twice'.`,
  ],
  ['load=3', `'--set load' names no parameter of step 'load'; write load.parameter=value.`],
  ['load..x=3', `'--set load..x' names no parameter of step 'load'; write load.parameter=value.`],
  [
    'load.dataFiles.0=b.jsonl',
    `'--set load.dataFiles.0' goes below 'dataFiles' of step 'load', which is a list; set 'load.dataFiles' as a whole.`,
  ],
  [
    'generate.llm.type.name=b',
    `'--set generate.llm.type.name' goes below 'llm.type' of step 'generate', which is "OpenAILLM"; set 'generate.llm.type' as a whole.`,
  ],
])('the setting %s is refused with one sentence', (setting, message) => {
  expect(() => applySettings(spec, [setting])).toThrow(
    expect.objectContaining({ code: 'usage', message }),
  )
})

test('a sentence about a setting does not repeat its value', () => {
  expect(() => applySettings(spec, ['gen.llm.params.apiKey=secret-key'])).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret-key') }),
  )
})
