import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { PipelineSpec } from '../../../src/core/spec.ts'
import { applyParamsFile } from '../../../src/local/pipelines/apply-params-file.ts'
import { loadPipeline } from '../../../src/local/pipelines/load-pipeline.ts'
import { createFileTree } from './file-tree.ts'

const spec: PipelineSpec = {
  version: 1,
  name: 'answers',
  steps: [
    { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: ['a.jsonl'] } },
    {
      name: 'generate',
      type: 'TextGeneration',
      after: ['load'],
      params: { llm: { type: 'OpenAILLM', params: { model: 'small', provider: 'me' } } },
    },
    { name: 'generate.twice', type: 'KeepColumns', after: ['generate'] },
  ],
}

const tree = createFileTree({ 'pipeline.json': JSON.stringify(spec) })
afterAll(() => tree[Symbol.dispose]())

async function paramsAfter(text: string, step: string, name = 'params.yaml'): Promise<unknown> {
  tree.write({ [name]: text })
  const changed = await applyParamsFile(spec, join(tree.path, name))
  return changed.steps.find((one) => one.name === step)?.params
}

test('paths as --set takes them and nested parameters can stand in one file', async () => {
  const text = 'load.numExamples: 5\ngenerate:\n  numGenerations: 2\n  systemPrompt: "Be kind."\n'
  expect(await paramsAfter(text, 'load')).toEqual({ dataFiles: ['a.jsonl'], numExamples: 5 })
  expect(await paramsAfter(text, 'generate')).toMatchObject({
    numGenerations: 2,
    systemPrompt: 'Be kind.',
    llm: { type: 'OpenAILLM' },
  })
})

test('a nested mapping is merged into what is there, and a path sets its value as a whole', async () => {
  const nested = 'generate: { llm: { params: { model: big }, limits: { maxConcurrency: 3 } } }'
  expect(await paramsAfter(nested, 'generate')).toEqual({
    llm: {
      type: 'OpenAILLM',
      params: { model: 'big', provider: 'me' },
      limits: { maxConcurrency: 3 },
    },
  })
  const whole = 'generate.llm: { type: MistralLLM, params: { model: big } }'
  expect(await paramsAfter(whole, 'generate')).toEqual({
    llm: { type: 'MistralLLM', params: { model: 'big' } },
  })
})

test('the file may be JSON, and empty ones change nothing', async () => {
  expect(await paramsAfter('{"load": {"numExamples": 7}}', 'load', 'params.json')).toMatchObject({
    numExamples: 7,
  })
  expect(await paramsAfter('# nothing yet\n', 'load')).toEqual({ dataFiles: ['a.jsonl'] })
})

test('a step whose name has a dot is meant by its whole name', async () => {
  expect(await paramsAfter('generate.twice: { columns: [a] }', 'generate.twice')).toEqual({
    columns: ['a'],
  })
})

test.each([
  [
    'generat: { x: 1 }',
    "'generat' in 'P' names the step 'generat', which the pipeline does not have. Did you mean 'generate'?",
  ],
  [
    'generat.x: 1',
    "'generat.x' in 'P' names the step 'generat', which the pipeline does not have. Did you mean 'generate'?",
  ],
  ['load: 3', "'load' in 'P' names no parameter of step 'load'; write load.parameter: value."],
  [
    'load: { dataFiles: { a: 1 } }',
    "'load.dataFiles.a' in 'P' goes below 'dataFiles' of step 'load', which is a list; set 'load.dataFiles' as a whole.",
  ],
  [
    '- load',
    "'P' holds no parameters: it takes a mapping of steps or paths, such as generate.inputBatchSize: 10.",
  ],
  ['load: [', /^'P', line \d, is no YAML: /],
])('%s is refused with one sentence', async (text, message) => {
  const file = join(tree.path, 'params.yaml')
  const error: unknown = await paramsAfter(text, 'load').catch((thrown: unknown) => thrown)
  const said = error instanceof Error ? error.message.replaceAll(file, 'P') : String(error)
  if (typeof message === 'string') expect(said).toBe(message)
  else expect(said).toMatch(message)
  expect(said).not.toContain('\n')
})

test('a file that is not there is named', async () => {
  await expect(applyParamsFile(spec, 'nowhere.yaml')).rejects.toMatchObject({
    code: 'file-missing',
    message: "There is no file 'nowhere.yaml', which --params names.",
  })
})

test("a later file holds over an earlier one, --set over both, and the pipeline's own value is the last", async () => {
  tree.write({
    'first.yaml':
      'generate: { llm: { params: { model: first, provider: first } } }\nload.numExamples: 1\n',
    'second.yaml': 'generate.llm.params.model: second\n',
  })
  const files = ['first.yaml', 'second.yaml'].map((name) => join(tree.path, name))
  const { spec: changed } = await loadPipeline(join(tree.path, 'pipeline.json'), {
    params: files,
    set: ['load.numExamples=9'],
  })
  expect(changed.steps.map(({ params }) => params)).toEqual([
    { dataFiles: ['a.jsonl'], numExamples: 9 },
    { llm: { type: 'OpenAILLM', params: { model: 'second', provider: 'first' } } },
    undefined,
  ])
})
