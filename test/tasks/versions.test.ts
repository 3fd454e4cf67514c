import { expect, test } from 'vitest'

import type { Row } from '../../src/core/columns.ts'
import { hashJson } from '../../src/core/hash.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { noModel, runStep } from '../../src/core/run-step.ts'
import type {
  AnyDefinition,
  BranchColumns,
  JoinDefinition,
  StepDefinition,
} from '../../src/core/step.ts'
import { runAllRows } from '../steps/run-all-rows.ts'
import { loadStructured } from '../../src/models/structured/load-structured.ts'
import { builtInRegistry } from '../../src/registry.ts'
import { aspectNames } from '../../src/tasks/ultra-feedback/aspects.ts'

/** What a step is given here, to see what it does: prompts, parsed answers, columns. */
interface Sample {
  readonly params: JsonObject
  readonly rows: readonly Row[]
  /** What a model says, beside the answers that every task gets. */
  readonly answers?: readonly string[]
}

const answers = ['Because.', '  {"a": 1}\n', '', '```json\n[1]\n```']
const llm: JsonObject = { type: 'SimulatedLLM', params: {} }
const rows: readonly Row[] = [
  { instruction: 'Why is the sky blue?', topic: 'sky', tags: ['a', 'b'] },
  { instruction: 'Grüße, 世界!\n\n', system_prompt: 'Be brief.', topic: '{{ x }}', tags: [] },
  { instruction: null, topic: 7, tags: 'c' },
]

const chat = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Why?' },
]
const rated: readonly Row[] = [
  { generations: ['a', 'b', 'c'], ratings: [2, 5, 1], generation_models: ['x', 'y', 'z'] },
  { generations: ['a', 'b', null], ratings: [4.5, null, 5], system_prompt: 'Be brief.' },
  { generations: ['a', 'b', 'c'], ratings: [3, 1, 3], system_prompt: '' },
  { generations: ['a', 'b'], ratings: [2, 2] },
  { generations: ['a', 'b'], ratings: [2] },
].map((row) => ({ instruction: 'Why?', messages: chat, ...row }))
const solved: readonly Row[] = [
  { instruction: '1 + 2?', solutions: ['Add. +', ' Done:  4-\n'] },
  { instruction: '1 + 2?', solutions: ['Add. *'] },
]
const judged = '**Rating:** 4/5\n**Rationale:** Good.'
const typed = `Type: 2\nRationale: Rich.\n${judged}`
const judgements = [judged, typed, `${typed.replace('2', 'None')}\nRating: 5`].flatMap((part) => [
  part,
  `### Text 2\n${part}\n\n<text 1>\n${part.replace('4/5', 'N/A')}`,
])

const formats = [
  { format: 'json', schema: { type: 'object', properties: { a: { type: 'integer' } } } },
  { format: 'json', schema: '{"type": "array", "items": {"type": "integer"}}' },
  { format: 'regex', schema: '\\w+\\.' },
  '{"format": "regex", "pattern": ".*"}',
  { format: 'yaml', schema: {} },
]

const samples: Readonly<Record<string, readonly Sample[]>> = {
  CombineOutputs: [{ params: {}, rows }],
  Concatenate: [{ params: {}, rows }],
  ConversationTemplate: [{ params: {}, rows: [{ instruction: 'Why?', response: ' So.' }] }],
  DeduplicateRows: [
    { params: {}, rows: [...rows, ...rows.toReversed()] },
    { params: { columns: ['instruction', 'absent'] }, rows: [...rows, { instruction: null }] },
  ],
  EmbeddingGeneration: [
    {
      params: { embeddings: { type: 'SomeEmbeddings', params: {} } },
      rows: [{ text: 'Why?' }, { text: ' ' }, { text: 1 }],
    },
  ],
  ExpandColumns: [
    { params: { columns: ['tags'] }, rows },
    {
      params: { columns: { a: 'x', b: 'y' }, encoded: ['b'] },
      rows: [
        { a: [1, null], b: '[{"c": 2}, []]' },
        { a: [1], b: '[1, 2]' },
        { a: [1], b: '{}' },
        { a: [], b: '[]' },
      ],
    },
  ],
  FormatChatGenerationDPO: [{ params: {}, rows: [...rated, { ...rated[0], messages: [] }] }],
  FormatChatGenerationSFT: [
    {
      params: {},
      rows: [chat, [...chat, ...chat], []].map((messages) => ({ messages, generation: ' So.' })),
    },
  ],
  FormatPRM: [
    { params: {}, rows: solved },
    { params: { format: 'trl' }, rows: solved },
    { params: { stepToken: '<s>', tags: ['-', '*'] }, rows: solved },
  ],
  FormatTextGenerationDPO: [{ params: {}, rows: rated }],
  FormatTextGenerationSFT: [
    { params: {}, rows: rows.map((row) => ({ ...row, generation: 'So.\n' })) },
  ],
  GroupColumns: [
    { params: { columns: ['topic'] }, rows },
    { params: { columns: ['topic', 'tags'], outputColumns: ['topics', 'tags'] }, rows },
  ],
  ImageGeneration: [
    {
      params: { imageGenerationModel: { type: 'SomeImages', params: {} } },
      rows: [{ prompt: 'A retort.' }, { prompt: null }],
    },
  ],
  KeepColumns: [{ params: { columns: ['tags', 'topic'] }, rows }],
  LimitRows: [
    { params: { limit: 2 }, rows: [...rows, ...rows] },
    { params: { limit: 3, offset: 2 }, rows: [...rows, ...rows] },
  ],
  MergeColumns: [
    { params: { columns: ['tags', 'topic'] }, rows },
    { params: { columns: ['topic', 'system_prompt'], outputColumn: 'topic' }, rows },
  ],
  PrepareExamples: [
    { params: {}, rows: [{ query: ['a', 'b'], answers: ['c', 'd'] }] },
    { params: { template: '{answers}{query}' }, rows: [{ query: ['$&'], answers: ['{query}'] }] },
  ],
  PushToHub: [{ params: { repoId: 'org/data' }, rows }],
  SampleRows: [
    { params: { probability: 0.5 }, rows: Array.from({ length: 20 }, (_, n) => ({ n })) },
    { params: { oneIn: 3 }, rows },
  ],
  SelfInstruct: [
    {
      params: { llm },
      rows: [{ input: 'Bees live in colonies.' }, { input: null }],
      answers: ['1. a\n2. **b**\n3. "c"\n4. d\n5. e', '- a\n- b\n- c\n- d\n- e', '1. a\n2. b'],
    },
    {
      params: {
        llm,
        numInstructions: 1,
        criteriaForQueryGeneration: 'In verse.',
        applicationDescription: 'A helpline',
      },
      rows: [{ input: '' }],
    },
  ],
  ShuffleRows: [{ params: {}, rows: [...rows, ...rows, ...rows] }],
  StructuredGeneration: [
    {
      params: { llm, useSystemPrompt: true },
      rows: formats.map((format) => ({ ...rows[1], structured_output: format })),
    },
    { params: { llm }, rows: [{ ...rows[0], structured_output: formats[0], system_prompt: 5 }] },
  ],
  TextGeneration: [
    { params: { llm }, rows },
    { params: { llm, systemPrompt: 'Be kind.', onCutOff: 'reject' }, rows },
    {
      params: {
        llm,
        template: '{{ topic }}: {% for tag in tags %}[{{ tag | upper }}]{% endfor %}',
        columns: ['topic', 'tags'],
        numGenerations: 2,
        groupGenerations: true,
        addRawInput: true,
        addRawOutput: true,
      },
      rows: rows.slice(0, 2),
    },
  ],
  TextGenerationWithImage: [
    {
      params: { llm, systemPrompt: 'Be kind.' },
      rows: [
        { instruction: 'What?', image: 'https://example.org/a.png' },
        { instruction: 'What?' },
      ],
    },
    {
      params: { llm, imageType: 'base64', template: '{{ topic }}?', columns: 'topic' },
      rows: [{ topic: 'Sky', image: '/9j/4AAQSkZJRgABAQAAAQABAAD/', system_prompt: 'Be brief.' }],
    },
    {
      params: { llm, imageType: 'file', onCutOff: 'reject' },
      rows: [{ instruction: 'What?', image: 'images/a.png' }],
    },
  ],
  TruncateTextColumn: [
    { params: { column: 'instruction', maxLength: 9 }, rows },
    { params: {}, rows: [{ text: '😀'.repeat(8200) }] },
  ],
  UltraFeedback: aspectNames.map((aspect) => ({
    params: { llm, aspect },
    rows: [
      { instruction: 'Why?', generations: ['Because.', ''] },
      { instruction: 'How?', generations: ['So.'] },
      { instruction: 'Who?', generations: [] },
    ],
    answers: judgements,
  })),
}

/** Version of each built-in step with the hash of what it did to its samples. */
const known: Readonly<Record<string, { readonly version: string; readonly does: string }>> = {
  CombineOutputs: { version: '2', does: '437b0d866336f716' },
  Concatenate: { version: '1', does: 'f4b71462e8d052a5' },
  ConversationTemplate: { version: '1', does: '546e91a9ccf599b4' },
  DeduplicateRows: { version: '1', does: '00d204d5a495a4b6' },
  EmbeddingGeneration: { version: '1', does: '975736c30e610fd5' },
  ExpandColumns: { version: '1', does: '27a05b15fc2f2728' },
  FormatChatGenerationDPO: { version: '1', does: '56aec2a06ea9e846' },
  FormatChatGenerationSFT: { version: '1', does: '3b7912925b7d6a4c' },
  FormatPRM: { version: '1', does: 'bb91ec9cc88c4370' },
  FormatTextGenerationDPO: { version: '1', does: '547e37d0dc6ef321' },
  FormatTextGenerationSFT: { version: '1', does: '522360d3313978f6' },
  GroupColumns: { version: '1', does: '84264e28807aef64' },
  ImageGeneration: { version: '1', does: '7ee61c00709e2210' },
  KeepColumns: { version: '1', does: '6e98a5d24d474baf' },
  LimitRows: { version: '1', does: 'ca9b17ca1882116d' },
  MergeColumns: { version: '1', does: '1c9eb3986b08b210' },
  PrepareExamples: { version: '1', does: '5bf8244ecdc9c24d' },
  PushToHub: { version: '1', does: 'f4b71462e8d052a5' },
  SampleRows: { version: '1', does: '1033cc8f004b5602' },
  SelfInstruct: { version: '1', does: 'd2fb869b0b2728e1' },
  ShuffleRows: { version: '1', does: 'f3a12adcc4c08476' },
  StructuredGeneration: { version: '1', does: 'c29702e970aa02d7' },
  TextGeneration: { version: '1', does: 'dce5abcb22ed97f0' },
  TextGenerationWithImage: { version: '1', does: 'af123263971f386f' },
  TruncateTextColumn: { version: '1', does: '0bc2211bea05a77e' },
  UltraFeedback: { version: '1', does: '3a43429dcf43154a' },
}

const definitions = [...builtInRegistry.steps.values()]
  .map(({ definition }) => definition)
  // A generator's rows are known by their content, whatever code has read them.
  .filter(({ kind }) => kind !== 'generator')

test('every built-in step has samples', () => {
  expect(Object.keys(samples).toSorted()).toEqual(definitions.map(({ type }) => type).toSorted())
})

test.each(definitions.map((definition) => [definition.type, definition] as const))(
  'what %s asks and makes is what its version has always asked and made',
  async (type, definition) => {
    const done = await Promise.all((samples[type] ?? []).map((sample) => run(definition, sample)))
    const now = { version: definition.version, does: hashJson(done).slice(0, 16) }
    const before = known[type]
    const advice =
      now.version === before?.version
        ? `'${type}' asks or makes something else than version ${before?.version} did: raise the version in its definition, so that stored chunks of the old one are not taken for the new one's, and then store ${JSON.stringify(now)} here.`
        : `'${type}' has another version: store ${JSON.stringify(now)} here.`
    expect(now, advice).toEqual(before)
  },
)

async function run(definition: AnyDefinition, sample: Sample): Promise<unknown> {
  const { type } = definition
  const { params } = resolveParams(definition, { name: 'step', type, params: sample.params })
  if (definition.kind === 'global') {
    const all = sample.rows.map((row, index) => ({ row, identity: `id-${index}` }))
    return await runAllRows(definition, params, all)
  }
  return definition.kind === 'join'
    ? runBranches(definition, params, sample.rows)
    : await runRows(definition as StepDefinition, params, sample)
}

/** As if each row came out of a branch of its own, which has written all but the instruction. */
function runBranches(definition: JoinDefinition, params: Row, sampled: readonly Row[]): unknown {
  const written = definition.type === 'CombineOutputs' ? ['model_name'] : ['topic', 'tags']
  const columns = { instruction: {}, topic: { type: 'string' }, tags: {}, model_name: {} }
  const branches: BranchColumns[] = sampled.map((_, index) => ({
    name: `b${index}`,
    columns,
    written,
  }))
  return [definition.columns(params, branches, 'step'), definition.join(sampled, branches, params)]
}

async function runRows(definition: StepDefinition, params: Row, sample: Sample): Promise<unknown> {
  const asked: unknown[] = []
  const keeps = definition.columns?.(params, 'step').keeps
  const results = []
  for (const [turn, text] of [...answers, ...(sample.answers ?? [])].entries())
    results.push(
      await runStep({
        definition,
        params,
        step: { name: 'step', batchSize: 50, ...(keeps === undefined ? {} : { keeps }) },
        rows: sample.rows.map((row, index) => ({
          origin: `${index}`,
          identity: `id-${index}`,
          row,
        })),
        seed: 0,
        signal: new AbortController().signal,
        model: {
          ...noModel('step'),
          embed: (questions) =>
            questions.map(async ({ text, rowIndex }) => {
              asked.push(['embed', text, rowIndex])
              const floats = Float32Array.of(text.length, 0.5)
              return {
                vector: Buffer.from(floats.buffer).toString('base64'),
                usage: { inputTokens: 1, outputTokens: 0 },
                model: 'model',
              }
            }),
          async makeImage({ prompt, rowIndex, sampleIndex }) {
            asked.push(['image', prompt, rowIndex, sampleIndex])
            const usage = { inputTokens: 1, outputTokens: 1 }
            return { image: 'store:images/a.png', revisedPrompt: 'Better.', usage, model: 'model' }
          },
          checkFormat: async (...given) => (await loadStructured()).check(...given),
          readStructured: async (...answer) => (await loadStructured()).read(...answer),
          async ask({ messages, rowIndex, sampleIndex, format }) {
            asked.push([messages, rowIndex, sampleIndex, ...(format === undefined ? [] : [format])])
            return {
              choices: [{ text, finishReason: turn === 0 ? 'length' : 'stop' }],
              usage: { inputTokens: 1, outputTokens: 1 },
              model: 'model',
            }
          },
        },
      }),
    )
  // Sentences may be put better without another version.
  return [
    asked,
    results.map((result) => [
      result.rows,
      result.rejected.map((rejected) => ({ ...rejected, reason: '' })),
    ]),
  ]
}
