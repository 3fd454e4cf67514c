import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Project } from '../e2e/project.ts'
import { retort } from '../e2e/retort-command.ts'
import { createCliProject, simulatedPipeline } from './cli-project.ts'

let project: Project

beforeAll(() => {
  project = createCliProject()
  const { write } = project
  write('good.json', simulatedPipeline('good', 1))
  write('no-default.ts', `import 'retort'\nexport const pipeline = 1\n`)
  write('throws.ts', `const price: number = 1\nthrow new Error('boom ' + price)\n`)
  write('unknown-type.json', simulatedPipeline('wrong', 1, { type: 'TextGenration' }))
  write('unknown-edge.json', simulatedPipeline('wrong', 1, { after: ['laod'] }))
  write('twice.json', simulatedPipeline('wrong', 1, { name: 'load' }))
  write('malformed.json', '{ "version": 1,\n "name": ')
  const llm = { type: 'SimulatedLLM' }
  const unknown = { llm, numGeneration: 2 }
  write('unknown-parameter.json', simulatedPipeline('wrong', 1, { params: unknown }))
  write('cycle.json', simulatedPipeline('wrong', 1, { after: ['generate'] }))
  write('taken.json', simulatedPipeline('wrong', 1, { outputs: { generation: 'id' } }))
  const held = { type: 'OpenAILLM', params: { model: 'm', apiKey: 'sk-0123456789abcdefghij' } }
  write('held-key.json', simulatedPipeline('wrong', 1, { params: { llm: held } }))
  const template = '{{ qestion }}'
  write('template.json', simulatedPipeline('wrong', 1, { params: { llm, template } }))
  const columns = ['question']
  write(
    'column.json',
    simulatedPipeline('wrong', 1, { params: { llm, columns, template: '{{ question }}' } }),
  )
  const keyed = { type: 'OpenAILLM', params: { model: 'm', apiKeyEnv: 'NO_SUCH_KEY' } }
  write('key.json', simulatedPipeline('wrong', 1, { params: { llm: keyed } }))
  write('lines.jsonl', '{"instruction":"a"}\n{"instruction":\n')
  write('empty.jsonl', '')
  const steps = Object.entries({
    'dedup.json': [{ type: 'DeduplicateRows', params: { columns: ['instrution'] } }],
    'limit.json': [{ type: 'LimitRows', params: { limit: 0 } }],
    'expand.json': [{ type: 'ExpandColumns', params: { columns: ['instruction'] } }],
    'push.json': [{ type: 'PushToHub', params: { repoId: 'me/rows' } }],
    'leaves.json': [{ type: 'ShuffleRows' }, { type: 'KeepColumns', params: { columns: ['id'] } }],
    'unrelated.json': [
      { name: 'others', type: 'LoadDataFromDicts', after: [], params: { data: [{ x: 1 }] } },
      { name: 'few', type: 'LimitRows', params: { limit: 1 } },
      { type: 'CombineOutputs', after: ['others', 'few'] },
    ],
    'unlike.json': [
      { name: 'ids', type: 'KeepColumns', params: { columns: ['id'] } },
      { type: 'GroupColumns', after: ['load', 'ids'], params: { columns: ['instruction'] } },
    ],
  })
  const { steps: loaded } = JSON.parse(simulatedPipeline('wrong', 1)) as { steps: object[] }
  for (const [file, own] of steps) {
    const all = own.map((step, index) => ({ name: `own${index}`, after: ['load'], ...step }))
    const rows = ['leaves.json', 'push.json'].includes(file)
      ? { rows: { accepted: 1, atMost: 1 } }
      : {}
    const spec = { version: 1, name: 'wrong', ...rows, steps: [...loaded.slice(0, 1), ...all] }
    write(file, JSON.stringify(spec))
  }
})
afterAll(() => project.remove())

const load = (dataFiles: string) => ['--set', `load.dataFiles=${dataFiles}`]

const cases: readonly {
  readonly what: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly says: readonly string[]
}[] = [
  {
    what: 'an unknown command',
    args: ['rnu'],
    says: ["unknown command 'rnu'", 'Did you mean run?'],
  },
  { what: 'no file', args: ['run'], says: ["missing required argument 'file'"] },
  {
    what: 'an unknown option',
    args: ['run', 'good.json', '--maxrows', '3'],
    says: ["unknown option '--maxrows'", 'Did you mean --max-rows?'],
  },
  {
    what: 'a number that is none',
    args: ['run', 'good.json', '--max-rows', '0'],
    says: ["argument '0' is invalid. It takes a whole number of 1 or more."],
  },
  { what: 'a file that is not there', args: ['run', 'nowhere.ts'], says: ["no file 'nowhere.ts'"] },
  {
    what: 'a column to deduplicate by that is not there',
    args: ['run', 'dedup.json'],
    says: ["Step 'own0' reads column 'instrution', which no earlier step writes."],
  },
  {
    what: 'a limit of no rows',
    args: ['run', 'limit.json'],
    says: ["Parameter 'limit' of step 'own0' (LimitRows) does not hold"],
  },
  {
    what: 'a text that is to be expanded',
    args: ['run', 'expand.json'],
    says: ["Step 'own0' expands column 'instruction', which holds no lists"],
  },
  {
    what: 'so many rows of several leaves',
    args: ['run', 'leaves.json'],
    says: ["is to have so many accepted rows, but ends in 'own0', 'own1'"],
  },
  {
    what: 'a step that delivers rows of which only some are enough',
    args: ['run', 'push.json'],
    env: { HF_TOKEN: 'hf_none' },
    says: [
      "Step 'own0' (PushToHub) would deliver rows before it is known which of them are enough",
    ],
  },
  {
    what: 'a join of branches that are not related',
    args: ['run', 'unrelated.json'],
    says: ["Step 'own2' joins 'others', 'few', whose rows have nothing in common"],
  },
  {
    what: 'a column that only some branches have',
    args: ['run', 'unlike.json'],
    says: ["Step 'own1' groups column 'instruction', which branch 'ids' does not have."],
  },
  {
    what: 'a module without a default export',
    args: ['run', 'no-default.ts'],
    says: ["Module 'no-default.ts' has no default export"],
  },
  {
    what: 'a module that throws',
    args: ['run', 'throws.ts'],
    says: ["Module 'throws.ts' throws on import at line 2: boom 1."],
  },
  { what: 'JSON that is none', args: ['run', 'malformed.json'], says: ["'malformed.json'"] },
  {
    what: 'an unknown step type',
    args: ['run', 'unknown-type.json'],
    says: ["type 'TextGenration'", "Did you mean 'TextGeneration'?"],
  },
  {
    what: 'an unknown parameter',
    args: ['run', 'unknown-parameter.json'],
    says: ["has no parameter 'numGeneration'", "Did you mean 'numGenerations'?"],
  },
  { what: 'a cycle', args: ['run', 'cycle.json'], says: ["'generate'", 'after'] },
  {
    what: 'a column that is there already',
    args: ['run', 'taken.json'],
    says: ["Step 'generate' writes column 'id'", "step 'load' has written already", "'outputs'"],
  },
  {
    what: 'a key in a spec',
    args: ['run', 'held-key.json'],
    says: ["Parameter 'apiKey' of the model of step 'generate'", 'holds a key', "'apiKeyEnv'"],
  },
  {
    what: 'an edge to nowhere',
    args: ['run', 'unknown-edge.json'],
    says: ["'laod'", "Did you mean 'load'?"],
  },
  {
    what: 'two steps of one name',
    args: ['run', 'twice.json'],
    says: ["Two steps are named 'load'"],
  },
  {
    what: 'an unknown name in a template',
    args: ['run', 'template.json'],
    says: ["step 'generate'", "'qestion'"],
  },
  {
    what: 'a column that nobody writes',
    args: ['run', 'column.json'],
    says: ["'question'", "'instruction'"],
  },
  {
    what: 'a key that is not set',
    args: ['run', 'key.json'],
    says: ['environment variable NO_SUCH_KEY, which is not set'],
  },
  {
    what: 'a setting of an unknown step',
    args: ['run', 'good.json', '--set', 'generat.numGenerations=2'],
    says: ["'generat'", "Did you mean 'generate'?"],
  },
  {
    what: 'a setting of an unknown parameter',
    args: ['run', 'good.json', '--set', 'generate.numGeneration=2'],
    says: ["has no parameter 'numGeneration'", "Did you mean 'numGenerations'?"],
  },
  {
    what: 'another ending of the output',
    args: ['run', 'good.json', '--output', 'rows.txt'],
    says: ["--output 'rows.txt' ends in '.txt'", "'.jsonl', '.csv', '.parquet'"],
  },
  {
    what: 'a run id that is none',
    args: ['run', 'good.json', '--run-id', 'a/b'],
    says: ["run id 'a/b'"],
  },
  {
    what: 'a store that is none',
    args: ['run', 'good.json', '--store', 'ftp://here'],
    says: ["Store 'ftp://here' is neither a folder"],
  },
  {
    what: 'a store that does not answer',
    args: ['run', 'good.json', '--store', 's3://bucket/data'],
    env: {
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    says: ["Store 's3://bucket/data' cannot be reached", 'AWS_ENDPOINT_URL_S3'],
  },
  {
    what: 'a store below a file',
    args: ['run', 'good.json', '--store', 'file:good.json/store'],
    says: ["good.json/store' cannot be reached (ENOTDIR)"],
  },
  {
    what: 'a Temporal server that does not answer',
    args: ['run', 'good.json'],
    env: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    says: ['No Temporal server answers at 127.0.0.1:1', 'TEMPORAL_ADDRESS'],
  },
  {
    what: 'a folder as the store of a server elsewhere',
    args: ['start', 'good.json'],
    env: { TEMPORAL_ADDRESS: 'temporal.invalid:7233' },
    says: ['is a folder of this machine', 's3://bucket/prefix'],
  },
  {
    what: 'a store where nothing is',
    args: ['rows', '--store', 'file:nowhere'],
    says: ['nothing was ever run there'],
  },
  { what: 'an unknown task', args: ['task', 'print', 'TextGen'], says: ["'TextGeneration'"] },
]

test.for(cases)(
  '$what is told in one sentence, and nothing is begun',
  async ({ args, env, says }) => {
    const { code, stdout, stderr } = await retort(project.folder, args, env)
    expect(stderr).toMatch(/^error: /)
    for (const part of says) expect(stderr).toContain(part)
    expect(stderr).not.toContain('    at ')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(existsSync(join(project.folder, '.retort', 'server.json'))).toBe(false)
  },
)

test('with --json what is wrong is told on stdout too, also where no option can be read', async () => {
  const args = ['run', 'unknown-type.json', '--json']
  expect(JSON.parse((await retort(project.folder, args)).stdout)).toEqual({
    runId: null,
    status: 'failed',
    dataset: null,
    calls: 0,
    reusedAnswers: 0,
    sharedAnswers: 0,
    tokens: { input: 0, output: 0 },
    costUsd: null,
    seconds: 0,
    error: {
      code: 'step-type-unknown',
      step: null,
      message: expect.stringContaining('TextGeneration'),
    },
  })
  const unread = await retort(project.folder, ['run', 'good.json', '--json', '--max-rows', 'x'])
  expect(JSON.parse(unread.stdout)).toMatchObject({ status: 'failed', error: { code: 'usage' } })
})

test('a source that cannot be read fails the run with file and line, and exit code 2', async () => {
  const { folder, write } = project
  const steps = [{ name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: '-' } }]
  write('source.json', JSON.stringify({ version: 1, name: 'source', steps }))
  const run = (file: string) => retort(folder, ['run', 'source.json', ...load(file), '--json'])
  const malformed = await run('lines.jsonl')
  expect(malformed.code).toBe(2)
  expect(malformed.stderr).toMatch(/error: .*lines\.jsonl.*2/)
  expect(JSON.parse(malformed.stdout)).toMatchObject({ error: { code: 'file-malformed' } })
  expect(JSON.parse((await run('empty.jsonl')).stdout)).toMatchObject({
    error: { code: 'file-empty' },
  })
  expect(JSON.parse((await run('none.jsonl')).stdout)).toMatchObject({
    error: { code: 'file-missing' },
  })
})

test('RETORT_DEBUG shows where an error comes from', async () => {
  const { stderr } = await retort(project.folder, ['run', 'nowhere.ts'], { RETORT_DEBUG: '1' })
  expect(stderr).toMatch(/^error: .*\nRetortError: .*\n {4}at /)
})
