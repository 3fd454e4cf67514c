import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'

import { describePipeline } from '../../../src/local/describe/describe-pipeline.ts'
import type { DescribeOptions } from '../../../src/local/describe/describe-pipeline.ts'
import type { PipelineInfo } from '../../../src/local/describe/pipeline-info.ts'
import { registerCode } from '../../../src/local/pipelines/register-code.ts'
import {
  Pipeline,
  defineGenerator,
  defineStep,
  llmFromEnvironment,
  loadDataFromDicts,
  loadDataFromFileSystem,
  openai,
  simulated,
  textGeneration,
} from '../../../src/index.ts'
import type { Row } from '../../../src/index.ts'
import { createFileTree } from '../pipelines/file-tree.ts'

const lines = ['Why?', 'How do compilers work?', 'Wer weiß?'].map((instruction, id) =>
  JSON.stringify({ id, instruction }),
)
const tree = createFileTree({ 'rows.jsonl': `${lines.join('\n')}\n`, 'bad.jsonl': '{"a":1}\n{' })
afterAll(() => tree[Symbol.dispose]())

async function describe<Columns extends Row>(
  pipeline: Pipeline<Columns>,
  options: DescribeOptions = {},
): Promise<PipelineInfo> {
  const { registry } = await registerCode(pipeline.definitions, [], '.')
  const loaded = { spec: pipeline.spec, registry, file: '/pipeline.ts' }
  return await describePipeline(loaded, {
    workingFolder: tree.path,
    environment: { OPENAI_API_KEY: 'sk-1' },
    ...options,
  })
}

const prices = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
const llm = openai({ model: 'small', prices, generationKwargs: { maxNewTokens: 100 } })
const fromFile = () => Pipeline.from('answers', loadDataFromFileSystem({ dataFiles: 'rows.jsonl' }))

test('the columns of local files, their rows and what calls cost at worst are found without a run', async () => {
  const info = await describe(fromFile().step('ask', textGeneration({ llm, numGenerations: 2 })))
  const [load, ask] = info.steps
  expect(load).toMatchObject({
    kind: 'generator',
    isLeaf: false,
    rows: { count: 3, certainty: 'exact' },
    model: null,
    calls: null,
  })
  expect(ask).toMatchObject({
    after: ['load'],
    isLeaf: true,
    rows: { count: 6, certainty: 'estimated' },
    model: { model: 'small', isSimulated: false, maxNewTokens: 100, prices },
    calls: { calls: 6, mostCalls: 18, outputTokens: 100 },
  })
  // The longest question has 22 bytes; marks around a message and the parameters come on top.
  expect(ask?.calls?.inputTokens).toBe(22 + 16 + '{"maxNewTokens":100}'.length)
  expect(info.estimate).toEqual({
    rows: { count: 3, certainty: 'exact' },
    calls: 6,
    mostCalls: 18,
    costUsd: expect.closeTo((6 * (58 + 200)) / 1e6, 9),
    leavesOutPrompts: false,
  })
})

test('edges tell columns and types, and which of them are read under which name', async () => {
  const pipeline = Pipeline.from('answers', loadDataFromDicts([{ prompt: 'Why?', id: 1 }]))
    .step('ask', textGeneration({ llm }), { inputs: { instruction: 'prompt' } })
    .keep('generation')
  const { edges } = await describe(pipeline)
  const text = edges.map(
    ({ from, to, columns }) =>
      `${from} > ${to}: ${columns?.map(({ name, type, readAs }) => `${name} ${type} ${readAs}`).join(', ')}`,
  )
  expect(text).toEqual([
    'load > ask: prompt string instruction, id integer null',
    'ask > keep: prompt string null, id integer null, generation string generation, model_name string null',
    'keep > null: generation string null',
  ])
})

test('a prompt that holds answers of earlier tasks is as long as those may be', async () => {
  const columns = ['generations'] as const
  const info = await describe(
    fromFile()
      .branch({
        one: (p) => p.step('one', textGeneration({ llm })),
        two: (p) => p.step('two', textGeneration({ llm })),
      })
      .group('both', { generation: 'generations' })
      .step(
        'judge',
        textGeneration({ llm, columns, template: '{{ generations[0] }}{{ generations[1] }}' }),
      ),
  )
  const judge = info.steps.find(({ name }) => name === 'judge')
  expect(judge?.calls?.inputTokens).toBe(2 * 100 + 16 + '{"maxNewTokens":100}'.length)
  expect(judge?.kind).toBe('map')
  expect(info.estimate.calls).toBe(9)
})

test('a prompt that holds what other steps compute has no known length, and its cost counts the answers alone', async () => {
  const repeat = defineStep({
    type: 'Repeat',
    inputs: z.object({ prompt: z.string() }),
    outputs: z.object({ instruction: z.string() }),
    *process() {},
  })
  const pipeline = Pipeline.from('x', loadDataFromDicts([{ prompt: 'Why?' }]))
    .step('repeat', repeat())
    .step('ask', textGeneration({ llm }))
  const info = await describe(pipeline)
  expect(info.estimate).toMatchObject({
    costUsd: expect.closeTo(200 / 1e6, 9),
    leavesOutPrompts: true,
  })
  expect(info.notes.join('\n')).toContain("How long the prompts of 'ask' are is not known")
})

test('at most so many rows are counted as a run would take', async () => {
  const pipeline = fromFile().step('ask', textGeneration({ llm }))
  const { estimate } = await describe(pipeline, { maxRows: 2 })
  expect(estimate.rows).toEqual({ count: 2, certainty: 'exact' })
})

test('a source elsewhere, or one of own code, is not touched, and the notes say so', async () => {
  const elsewhere = Pipeline.from(
    'x',
    loadDataFromFileSystem({ dataFiles: 's3://bucket/rows.jsonl' }),
  )
  const info = await describe(elsewhere.step('ask', textGeneration({ llm })), { maxRows: 7 })
  expect(info.steps[0]?.rows).toEqual({ count: 7, certainty: 'at-most' })
  expect(info.edges.map(({ columns }) => columns)).toEqual([null, null])
  expect(info.notes[0]).toBe(
    "The rows of 'load' (LoadDataFromFileSystem) are made or fetched when a run starts, so their number is not known, nor are their columns.",
  )
  const own = defineGenerator({
    type: 'Own',
    outputs: z.object({ instruction: z.string() }),
    generate() {
      throw new Error('It was run.')
    },
  })
  const made = await describe(Pipeline.from('x', own()).step('ask', textGeneration({ llm })))
  expect(made.estimate).toMatchObject({ rows: null, calls: null, costUsd: null })
  expect(made.edges[0]?.columns).toMatchObject([{ name: 'instruction', type: 'string' }])
})

test('what a run would refuse and looking does not need is a note: a missing key, a source that is not there or malformed', async () => {
  const ask = textGeneration({ llm })
  const keyless = await describe(fromFile().step('ask', ask), { environment: {} })
  expect(keyless.notes[0]).toBe(
    "The model of step 'ask' (OpenAILLM) needs a key in the environment variable OPENAI_API_KEY, which is not set.",
  )
  expect(keyless.estimate.calls).toBe(3)
  for (const dataFiles of ['nowhere.jsonl', 'bad.jsonl']) {
    const pipeline = Pipeline.from('x', loadDataFromFileSystem({ dataFiles }))
    const { notes, estimate } = await describe(pipeline.step('ask', ask))
    expect(notes[0]).toMatch(/^The rows of 'load' cannot be read: /)
    expect(estimate.rows).toBeNull()
  }
})

test('anything else that a run would refuse is refused', async () => {
  const pipeline = Pipeline.from('x', loadDataFromDicts([{ a: 1 }]))
  // @ts-expect-error the column 'instruction' is not there
  const wrong: Pipeline<Row> = pipeline.step('ask', textGeneration({ llm }))
  await expect(describe(wrong)).rejects.toMatchObject({ code: 'column-missing' })
})

test('a model without a price, one that the environment chooses and a simulated one are told apart', async () => {
  const ask = (model: Parameters<typeof textGeneration>[0]['llm']) =>
    describe(fromFile().step('ask', textGeneration({ llm: model })), { environment: {} })
  const own = await ask(
    openai({ model: 'mine', baseURL: 'http://127.0.0.1:1/v1', apiKeyEnv: null }),
  )
  expect(own.steps[1]?.model?.prices).toBeNull()
  expect(own.estimate.costUsd).toBeNull()
  expect(own.notes.join('\n')).toContain("No price is known for 'mine'")
  const chosen = await ask(llmFromEnvironment())
  expect(chosen.steps[1]?.model).toMatchObject({ isFromEnvironment: true, isSimulated: true })
  expect(chosen.steps[1]?.params.map(({ path }) => path)).toContain(
    'ask.llm.params.generationKwargs.temperature',
  )
  expect(chosen.estimate.costUsd).toBe(0)
  const made = await ask(simulated())
  expect(made.steps[1]?.model).toMatchObject({ isFromEnvironment: false, isSimulated: true })
})
