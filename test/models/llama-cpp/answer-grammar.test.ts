import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { user } from '../../../src/core/chat.ts'
import type { AnswerFormat } from '../../../src/core/chat.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { LLM } from '../../../src/core/llm-spec.ts'
import { llamaCpp, llamaCppLLM } from '../../../src/models/llama-cpp/llama-cpp-llm.ts'
import { writeTinyGGUF } from './tiny-gguf.ts'

const folder = await mkdtemp(join(tmpdir(), 'retort-grammar-'))
const modelPath = join(folder, 'tiny.gguf')
let llm: LLM

function create(structuredMode: 'json-schema' | 'instructions'): Promise<LLM> {
  const generationKwargs = { seed: 1, temperature: 2, topK: 0, minP: 0 }
  return llamaCppLLM.create(
    llamaCpp({ modelPath, threads: 1, structuredMode, generationKwargs }),
    {},
  )
}

beforeAll(async () => {
  await writeTinyGGUF(modelPath)
  llm = await create('json-schema')
})

afterAll(async () => {
  await llm.close?.()
  await rm(folder, { recursive: true })
})

async function ask(format: AnswerFormat | undefined, sampleIndex: number, model = llm) {
  const answer = await model.chat({
    messages: [user('Answer')],
    parameters: {},
    sampleIndex,
    ...(format === undefined ? {} : { format }),
  })
  return { text: answer.choices[0]?.text ?? '', ...answer }
}

/** Shapes whose every part ends soon, also where a model writes at random. */
const schemas: readonly JsonObject[] = [
  {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 8 },
      kind: { enum: ['a', 'b', 1, null] },
      fixed: { const: 'yes' },
      score: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
    },
    required: ['name', 'kind', 'fixed', 'score'],
    additionalProperties: false,
  },
  { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 4 },
  {
    type: 'object',
    properties: { next: { $ref: '#/definitions/flag' } },
    required: ['next'],
    definitions: { flag: { type: ['boolean', 'null'] } },
  },
  { type: 'array', prefixItems: [{ const: 1 }, { type: 'boolean' }], minItems: 2, maxItems: 2 },
  { allOf: [{ enum: ['only'] }] },
]

test.for(schemas)('every answer holds the schema %j', async (schema) => {
  const validate = new Ajv2020({ strict: false }).compile(schema)
  const answers = await Promise.all(
    [0, 1, 2, 3].map((index) => ask({ format: 'json', schema }, index)),
  )
  for (const { text, choices } of answers) {
    expect(validate(JSON.parse(text)), text).toBe(true)
    expect(choices[0]?.finishReason).toBe('stop')
  }
})

test('a property that may be left out may be null instead', async () => {
  const schema = {
    type: 'object',
    properties: { maybe: { enum: ['x'] } },
    additionalProperties: false,
  }
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => ask({ format: 'json', schema }, index)),
  )
  const values = answers.map(({ text }) => (JSON.parse(text) as { maybe: unknown }).maybe)
  expect(new Set(values)).toEqual(new Set(['x', null]))
})

test.for([
  String.raw`(yes|no)`,
  String.raw`^[A-Z]{2,3}-\d{4}$`,
  String.raw`(?:ab?){2}[^\]a-z"\\]\.`,
  String.raw`(?<year>\d\d)/\w+?\s`,
  String.raw`\x41\u00e9"\\[-^]|c*`,
  '.{3}',
])('every answer matches %s', async (pattern) => {
  const whole = new RegExp(`^(?:${pattern})$`)
  const answers = await Promise.all(
    [0, 1, 2, 3].map((index) => ask({ format: 'regex', pattern }, index)),
  )
  for (const { text } of answers) expect(text).toMatch(whole)
})

test.for<AnswerFormat>([
  { format: 'regex', pattern: '(?=a)b' },
  { format: 'regex', pattern: String.raw`(a)\1` },
  { format: 'regex', pattern: String.raw`\bword\b` },
  { format: 'regex', pattern: 'a{5000}' },
  { format: 'regex', pattern: '(' },
  { format: 'json', schema: { allOf: [{ type: 'object' }, { type: 'object' }] } },
  { format: 'json', schema: { $ref: '#' } },
  { format: 'json', schema: { const: { deep: 1 } } },
  { format: 'json', schema: { type: 'object', required: ['unknown'], properties: {} } },
  { format: 'json', schema: { type: 'no such type' } },
])('what no grammar can say is asked for in words: %j', async (format) => {
  const plain = await ask(undefined, 0)
  const told = await ask(format, 0)
  expect(told.usage.inputTokens).toBeGreaterThan(plain.usage.inputTokens + 100)
})

test('words are enough where the mode says so', async () => {
  const schema = { enum: ['only'] }
  const worded = await create('instructions')
  const [held, told] = [
    await ask({ format: 'json', schema }, 0),
    await ask({ format: 'json', schema }, 0, worded),
  ]
  expect(held.text).toBe('"only"')
  expect(told.text).not.toBe('"only"')
  expect(told.usage.inputTokens).toBeGreaterThan(held.usage.inputTokens)
  await worded.close?.()
})
