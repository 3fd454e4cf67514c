import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFileTree } from './file-tree.ts'
import { loadInNode } from './load-in-node.ts'
import type { Outcome } from './load-in-node.ts'

const retort = `'${new URL('../../../src/index.ts', import.meta.url).href}'`

const models = `import { defineLLM, limitRows } from ${retort}
import { z } from '${import.meta.resolve('zod')}'
export const own = defineLLM({
  type: 'OwnLLM',
  params: z.strictObject({}),
  identity: () => ({ provider: 'own', model: 'own', parameters: {} }),
  create: () => Promise.reject(new TypeError('never asked')),
})
export const definition = own.definition
export const limit = limitRows
`
const module = `import { Pipeline, loadDataFromDicts, textGeneration } from ${retort}
import { own } from './models.ts'
export default Pipeline.from('own', loadDataFromDicts([{ instruction: 'a' }])).step('ask', textGeneration({ llm: own() }))
`
const yaml = (step: string) => `version: 1
name: own
steps:
  - name: load
    type: LoadDataFromDicts
    params: { data: [{ instruction: a }] }
  - name: ask
    after: [load]
    ${step}
`
const asking = (model: string) => yaml(`type: TextGeneration\n    params: { llm: { ${model} } }`)

const accepted: Readonly<Record<string, string>> = {
  'own.ts': module,
  'own.yaml': asking('type: OwnLLM, module: ./models.ts, export: own'),
  'within.yaml': asking(
    'type: MixtureOfAgentsLLM, params: { aggregator: { type: SimulatedLLM }, proposers: [{ type: OwnLLM, module: ./models.ts, export: own }] }',
  ),
  'definition.yaml': asking('type: OwnLLM, module: ./models.ts, export: definition'),
}

const refused: Readonly<Record<string, readonly [text: string, code: string, sentence: RegExp]>> = {
  'no-export.yaml': [
    asking('type: OwnLLM, module: ./models.ts'),
    'spec-invalid',
    /^The model of step 'ask' has a 'module' but no 'export'; name what '\.\/models\.ts' exports\.$/,
  ],
  'no-module.yaml': [
    asking('type: OwnLLM, export: own'),
    'spec-invalid',
    /^The model of step 'ask' has an 'export' but no 'module'; name the file that exports 'own'\.$/,
  ],
  'absent.yaml': [
    asking('type: OwnLLM, module: ./gone.ts, export: own'),
    'file-missing',
    /^There is no file '\.\/gone\.ts' in \/.*, which the model of step 'ask' names as its module\.$/,
  ],
  'export-absent.yaml': [
    asking('type: OwnLLM, module: ./models.ts, export: onw'),
    'module-invalid',
    /^Module '\.\/models\.ts' has no export 'onw', which the model of step 'ask' names\. Did you mean 'own'\?$/,
  ],
  'no-model.yaml': [
    asking('type: LimitRows, module: ./models.ts, export: limit'),
    'module-invalid',
    /^Export 'limit' of module '\.\/models\.ts', which the model of step 'ask' names, is no model; export what defineLLM, defineEmbeddings or defineImageModel returns\.$/,
  ],
  'no-step.yaml': [
    yaml('type: OwnLLM\n    module: ./models.ts\n    export: own'),
    'module-invalid',
    /^Export 'own' of module '\.\/models\.ts', which step 'ask' names, is no step; export what defineStep, /,
  ],
  'within-no-export.yaml': [
    asking(
      'type: MixtureOfAgentsLLM, params: { aggregator: { type: OwnLLM, module: ./models.ts }, proposers: [] }',
    ),
    'spec-invalid',
    /^A model within that of step 'ask' has a 'module' but no 'export'; name what '\.\/models\.ts' exports\.$/,
  ],
  'type-differs.yaml': [
    asking('type: OtherLLM, module: ./models.ts, export: own'),
    'spec-invalid',
    /^The model of step 'ask' has the type 'OtherLLM', but 'own' of module '\.\/models\.ts' defines 'OwnLLM'\.$/,
  ],
}

const tree = createFileTree({
  'package.json': '{ "type": "module" }',
  'models.ts': models,
  ...accepted,
  ...Object.fromEntries(Object.entries(refused).map(([name, [text]]) => [name, text])),
})
const outcomes = new Map<string, Outcome>()

beforeAll(async () => {
  const names = [...Object.keys(accepted), ...Object.keys(refused)]
  const loaded = await loadInNode(tree.path, names)
  for (const [index, name] of names.entries()) outcomes.set(name, loaded[index] ?? {})
})
afterAll(() => tree[Symbol.dispose]())

test.each(Object.keys(accepted))(
  'the model of %s comes along, and counts as code of the pipeline',
  (name) => {
    expect(outcomes.get(name)).toMatchObject({
      code: expect.stringMatching(/^[0-9a-f]{64}$/),
      steps: {},
      models: ['OwnLLM'],
    })
  },
)

test.each(Object.keys(refused))('the model of %s is refused with one sentence', (name) => {
  const [, code, sentence] = refused[name] ?? []
  expect(outcomes.get(name)?.error).toMatchObject({
    code,
    message: expect.stringMatching(sentence ?? ''),
  })
})
