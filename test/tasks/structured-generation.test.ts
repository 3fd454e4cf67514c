import { expect, test } from 'vitest'

import type { ChatAnswer } from '../../src/core/chat.ts'
import type { Row } from '../../src/core/columns.ts'
import { noModel } from '../../src/core/run-step.ts'
import { contractOf } from '../../src/core/resolve-columns.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { runStep } from '../../src/core/run-step.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import type { Question } from '../../src/core/step.ts'
import { loadStructured } from '../../src/models/structured/load-structured.ts'
import { structuredGenerationDefinition as definition } from '../../src/tasks/structured-generation.ts'

const reader = await loadStructured()
const paramsOf = (params: StepSpec['params'] = {}) =>
  resolveParams(definition, {
    name: 'ask',
    type: definition.type,
    params: { llm: { type: 'SimulatedLLM', params: {} }, ...params },
  }).params

/** What is asked for some rows and what becomes of them, where a model says these texts in turn. */
async function run(
  rows: readonly Row[],
  texts: readonly string[],
  params: StepSpec['params'] = {},
) {
  const asked: Question[] = []
  const { rows: made, rejected } = await runStep({
    definition,
    params: paramsOf(params),
    step: { name: 'ask', batchSize: 50 },
    rows: rows.map((row, index) => ({ origin: `${index}`, identity: `${index}`, row })),
    seed: 0,
    signal: new AbortController().signal,
    model: {
      ...noModel('ask'),
      checkFormat: async (...given) => reader.check(...given),
      readStructured: async (...answer) => reader.read(...answer),
      async ask(question): Promise<ChatAnswer> {
        const text = texts[asked.push(question) - 1] ?? ''
        return {
          choices: [{ text, finishReason: 'stop' }],
          usage: { inputTokens: 1, outputTokens: 1 },
          model: 'canned',
        }
      },
    },
  })
  return { asked, made: made.map(({ row }) => row), rejected }
}

const schema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] }
const json = { format: 'json', schema }

test('each row says what its answer has to be', async () => {
  const rows = [
    { instruction: 'Who?', structured_output: json },
    { instruction: 'When?', structured_output: { format: 'regex', schema: '\\d{4}' } },
  ]
  const { asked, made } = await run(rows, ['Sure:\n```json\n{ "age": 7 }\n```', ' 1999\n'])
  expect(asked.map(({ format }) => format)).toEqual([json, { format: 'regex', pattern: '\\d{4}' }])
  expect(made.map(({ generation }) => generation)).toEqual(['{"age":7}', '1999'])
})

test.each([
  [{ format: 'json', schema: JSON.stringify(schema) }, json],
  [JSON.stringify(json), json],
  [
    { format: 'regex', pattern: 'a+', whitespace_pattern: null },
    { format: 'regex', pattern: 'a+' },
  ],
])('a form may be written otherwise: %j', async (structured_output, format) => {
  const { asked } = await run([{ instruction: 'Who?', structured_output }], ['{"age":7}'])
  expect(asked[0]?.format).toEqual(format)
})

test.each([
  [undefined],
  ['yes|no'],
  [{ format: 'yaml', schema }],
  [{ format: 'json', schema: 'no schema' }],
  [{ format: 'regex', schema }],
])('a row without a form is rejected and not asked about: %j', async (structured_output) => {
  const { asked, rejected } = await run([{ instruction: 'Who?', structured_output }], [])
  expect(asked).toEqual([])
  expect(rejected[0]).toMatchObject({
    code: 'input-invalid',
    reason: expect.stringContaining(`Column 'structured_output' does not hold`) as string,
  })
})

test('a row with a form that no answer can be held to is rejected alone, and not asked about', async () => {
  const unfit = { format: 'json', schema: { type: 'objekt' } }
  const rows = [unfit, json].map((structured_output) => ({
    instruction: 'Who?',
    structured_output,
  }))
  const { asked, made, rejected } = await run(rows, ['{"age":7}'])
  expect(asked).toHaveLength(1)
  expect(made).toHaveLength(1)
  expect(rejected[0]).toMatchObject({
    code: 'input-invalid',
    reason: `The answer that step 'ask' wants for a row has a schema that is no JSON Schema: /type must be equal to one of the allowed values.`,
  })
})

test('an answer that does not hold is asked for again with what is wrong, and rejected at last', async () => {
  const rows = [{ instruction: 'Who?', structured_output: json }]
  const { asked, made } = await run(rows, ['{"age":"seven"}', '{"age":7}'])
  expect(asked[1]?.messages.at(-1)?.content).toContain('/age must be integer')
  expect(made[0]?.['generation']).toBe('{"age":7}')
  const { rejected } = await run(rows, ['{}'], { maxReasks: 0 })
  expect(rejected[0]).toMatchObject({
    code: 'output-invalid',
    reason: expect.stringContaining(`required property 'age'`) as string,
  })
})

test('a system prompt is read only where it is wanted', async () => {
  const rows = [{ instruction: 'Who?', structured_output: json, system_prompt: 'Be brief.' }]
  const { asked } = await run(rows, ['{"age":7}'], { useSystemPrompt: true })
  expect(asked[0]?.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Who?' },
  ])
  const without = await run([{ ...rows[0], system_prompt: 5 }], ['{"age":7}'])
  expect(without.asked[0]?.messages).toEqual([{ role: 'user', content: 'Who?' }])
  const reads = (useSystemPrompt: boolean) =>
    contractOf(definition, paramsOf({ useSystemPrompt }), 'ask')
  expect(Object.keys(reads(false).reads)).toEqual(['instruction', 'structured_output'])
  expect(reads(true).optional).toEqual(['system_prompt'])
})
