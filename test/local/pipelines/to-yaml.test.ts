import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import {
  Pipeline,
  defineRoute,
  defineStep,
  loadDataFromDicts,
  mixtureOfAgents,
  openai,
  sampleSteps,
  simulated,
  textGeneration,
  toYAML,
} from '../../../src/index.ts'
import { resolvePipeline } from '../../../src/core/resolve-pipeline.ts'
import { loadPipeline } from '../../../src/local/pipelines/load-pipeline.ts'
import { builtInRegistry } from '../../../src/registry.ts'
import { parrot } from '../../models/parrot.ts'
import { createFileTree } from './file-tree.ts'
import { loadInNode } from './load-in-node.ts'

const tree = createFileTree()
afterAll(() => tree[Symbol.dispose]())

const prompt = `You are "kind":
  - yes, {{ question }} # really

\tno: 'never'\u0007 true `

/** With what YAML could take for something else: numbers, words, markup, lines, repeated objects. */
function everything() {
  const llm = openai({
    model: 'yes',
    limits: { maxConcurrency: 3 },
    generationKwargs: { stop: ['no', '~', '1e3', '---'] },
  })
  return Pipeline.from(
    'all-kinds',
    loadDataFromDicts([
      { question: 'Why?', id: 1, text: '007', list: [null, true, { deep: '- x' }] },
      { question: '', id: 2.5, text: 'null', list: [] },
    ]),
    { seed: 7 },
  )
    .branch({
      one: (p) =>
        p.step(
          'one',
          textGeneration({
            llm,
            systemPrompt: prompt,
            columns: ['question'],
            template: '{{ question }}\n',
          }),
        ),
      two: (p) =>
        p.step('two', textGeneration({ llm, columns: ['question'], template: '{{ question }}' })),
    })
    .group('both', { generation: 'generations' })
    .keep('question', 'generations')
}

const limits = { maxConcurrency: 2 }
const environment = { OPENAI_API_KEY: 'sk-1' }

test('a pipeline that was written as YAML and is loaded again has the same spec and the same signatures', async () => {
  const pipeline = everything()
  tree.write({ 'all.yaml': await toYAML(pipeline) })
  const loaded = await loadPipeline(join(tree.path, 'all.yaml'))
  expect(loaded.spec).toEqual(JSON.parse(JSON.stringify(pipeline.spec)))
  const signatures = (spec: typeof loaded.spec) =>
    resolvePipeline(spec, { registry: builtInRegistry, environment }).map((step) => step.signature)
  expect(signatures(loaded.spec)).toEqual(signatures(pipeline.spec))
  expect(signatures(loaded.spec)).toHaveLength(5)
})

test('a step that is not built in names the module and the export that define it', async () => {
  const shout = defineStep({
    type: 'Shout',
    inputs: z.object({ text: z.string() }),
    outputs: z.object({ loud: z.string() }),
    *process(rows) {
      for (const { text } of rows) yield { loud: text.toUpperCase() }
    },
  })
  const pipeline = Pipeline.from('loud', loadDataFromDicts([{ text: 'a' }])).step('shout', shout())
  const text = await toYAML(pipeline, {
    modules: { './other.ts': { a: 1 }, './steps.ts': { shout } },
  })
  expect(parse(text)).toMatchObject({
    steps: [
      { name: 'load' },
      { name: 'shout', type: 'Shout', module: './steps.ts', export: 'shout' },
    ],
  })
  await expect(toYAML(pipeline)).rejects.toMatchObject({
    code: 'usage',
    message:
      "Step 'shout' is of the type 'Shout', which is not built in, so that YAML must name the module that exports it; give that module, as in toYAML(pipeline, { modules: { './steps.ts': steps } }).",
  })
  await expect(toYAML(pipeline, { modules: { './other.ts': {} } })).rejects.toMatchObject({
    message: expect.stringMatching(/exports it; none of '\.\/other\.ts' does\.$/),
  })
})

test('a route that is not built in names its module, too, and a built-in one none', async () => {
  const first = defineRoute({
    type: 'First',
    inputs: z.looseObject({}),
    choose: (_row, { branches }) => branches.slice(0, 1),
  })
  const load = Pipeline.from('routed', loadDataFromDicts([{ text: 'a', other: 'b' }]))
  const branches = {
    a: (p: typeof load) => p.keep('text'),
    b: (p: typeof load) => p.keep('other'),
  }
  const own = load.branch(branches, { route: first() }).leaves()
  expect(parse(await toYAML(own, { modules: { './routes.ts': { first } } }))).toMatchObject({
    steps: [{ route: { type: 'First', module: './routes.ts', export: 'first' } }, {}, {}],
  })
  await expect(toYAML(own)).rejects.toMatchObject({
    message: expect.stringContaining("The route behind step 'load' is of the type 'First'"),
  })
  const sampled = load.branch(branches, { route: sampleSteps(1) }).leaves()
  const [step] = parse(await toYAML(sampled)).steps
  expect(step.route).toEqual({
    type: 'SampleSteps',
    params: { size: 1 },
    branches: { a: 'keep_a', b: 'keep_b' },
  })
})

test('a model that is not built in names its module, too', async () => {
  const pipeline = Pipeline.from('birds', loadDataFromDicts([{ instruction: 'a' }]))
    .step('one', textGeneration({ llm: parrot({ baseURL: 'http://127.0.0.1:1', limits }) }))
    .rows({ accepted: 1, atMost: 2 })
  const text = await toYAML(pipeline, { modules: { './parrot.ts': { parrot } } })
  expect(parse(text)).toMatchObject({
    rows: { accepted: 1, atMost: 2 },
    steps: [
      {},
      {
        params: {
          llm: {
            type: 'ParrotLLM',
            module: './parrot.ts',
            export: 'parrot',
            params: { baseURL: 'http://127.0.0.1:1' },
            limits,
          },
        },
      },
    ],
  })
  const llm = mixtureOfAgents({
    aggregator: simulated(),
    proposers: [parrot({ baseURL: 'http://127.0.0.1:1' })],
  })
  const mixed = Pipeline.from('mixed', loadDataFromDicts([{ instruction: 'a' }])).step(
    'one',
    textGeneration({ llm }),
  )
  const [, step] = parse(await toYAML(mixed, { modules: { './parrot.ts': { parrot } } })).steps
  expect(step.params.llm).toEqual({
    type: 'MixtureOfAgentsLLM',
    params: {
      aggregator: { type: 'SimulatedLLM', params: {} },
      proposers: [
        {
          type: 'ParrotLLM',
          module: './parrot.ts',
          export: 'parrot',
          params: { baseURL: 'http://127.0.0.1:1' },
        },
      ],
    },
  })
  await expect(toYAML(pipeline)).rejects.toMatchObject({
    message: expect.stringContaining("The model of step 'one' is of the type 'ParrotLLM'"),
  })
})

test('the YAML of a pipeline with steps of its own loads with their code', async () => {
  const source = new URL('../../../src/index.ts', import.meta.url).href
  tree.write({
    'package.json': '{ "type": "module" }',
    'steps.ts': `import { defineStep } from '${source}'
import { z } from '${import.meta.resolve('zod')}'
export const shout = defineStep({
  type: 'Shout',
  inputs: z.object({ text: z.string() }),
  outputs: z.object({ loud: z.string() }),
  *process(rows: readonly { text: string }[]) { for (const { text } of rows) yield { loud: text.toUpperCase() } },
})
`,
    'pipeline.ts': `import { Pipeline, loadDataFromDicts } from '${source}'
import { shout } from './steps.ts'
export default Pipeline.from('loud', loadDataFromDicts([{ text: 'a' }])).step('shout', shout())
`,
    'write.ts': `import { writeFileSync } from 'node:fs'
import { toYAML } from '${source}'
import pipeline from './pipeline.ts'
import * as steps from './steps.ts'
writeFileSync('loud.yaml', await toYAML(pipeline, { modules: { './steps.ts': steps } }))
export default pipeline
`,
  })
  const [written] = await loadInNode(tree.path, ['write.ts'])
  const [loaded] = await loadInNode(tree.path, ['loud.yaml'])
  expect(loaded?.error).toBeUndefined()
  expect(loaded?.steps).toEqual({ Shout: loaded?.code })
  const { module: _, export: __, ...step } = loaded?.spec?.steps[1] ?? { name: '', type: '' }
  expect({ ...loaded?.spec, steps: [loaded?.spec?.steps[0], step] }).toEqual(written?.spec)
})

test('no key of a model is written, since a pipeline holds none', async () => {
  const pipeline = Pipeline.from('x', loadDataFromDicts([{ instruction: 'a' }])).step(
    'generate',
    textGeneration({ llm: simulated() }),
  )
  expect(parse(await toYAML(pipeline))).toMatchObject({
    steps: [{}, { params: { llm: { type: 'SimulatedLLM', params: {} } } }],
  })
})
