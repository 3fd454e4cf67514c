import { expect, test } from 'vitest'
import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import type { FinishReason } from '../../src/core/chat.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { noModel, runStep } from '../../src/core/run-step.ts'
import type { TaskContext } from '../../src/core/task.ts'
import { RetortError } from '../../src/core/errors.ts'
import { rejectionOf } from './error-of.ts'
import { simulatedSpec } from './little-registry.ts'
import { answered, rate, run } from './rating-task.ts'

test('an answer becomes the columns that the task declares and the name of the model', async () => {
  const { columns, rejected } = await run(({ rowIndex }) => answered(`${rowIndex}`))
  expect(columns).toEqual([
    { prompt: 'a', rating: 0, model_name: 'model-1' },
    { prompt: 'b', rating: 1, model_name: 'model-1' },
    { prompt: 'c', rating: 2, model_name: 'model-1' },
  ])
  expect(rejected).toEqual([])
})

test('all rows of a batch are asked for at once', async () => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  let asked = 0
  const { definition } = rate
  const step = { name: 'rate', type: 'Rate', params: { llm: simulatedSpec } }
  const running = runStep({
    definition,
    params: resolveParams(definition, step).params,
    step: { name: 'rate', batchSize: 50 },
    rows: ['a', 'b'].map((prompt) => ({ origin: prompt, identity: prompt, row: { prompt } })),
    seed: 0,
    signal: new AbortController().signal,
    model: {
      ...noModel('rate'),
      async ask() {
        if (++asked === 2) release()
        await gate
        return answered('1')
      },
    },
  })
  expect((await running).rows).toHaveLength(2)
})

test('several answers are rows of their own', async () => {
  const { rows, questions } = await run(({ sampleIndex }) => answered(`${sampleIndex}`), {
    numGenerations: 2,
  })
  expect(rows.map(({ origin, row }) => [origin, row['rating']])).toEqual([
    ['0.0', 0],
    ['0.1', 1],
    ['1.0', 0],
    ['1.1', 1],
    ['2.0', 0],
    ['2.1', 1],
  ])
  expect(questions.map(({ rowIndex, sampleIndex }) => `${rowIndex}/${sampleIndex}`)).toHaveLength(6)
})

test('of several answers a bad one is rejected alone', async () => {
  const { rows, rejected } = await run(
    ({ sampleIndex }) => answered(sampleIndex === 1 ? 'bad' : '5'),
    { numGenerations: 3, maxReasks: 0 },
    ['a'],
  )
  expect(rows.map(({ origin }) => origin)).toEqual(['0.0', '0.2'])
  expect(rejected.map(({ origin, raw }) => [origin, raw])).toEqual([['0.1', 'bad']])
})

test('grouped answers are lists in one row', async () => {
  const { columns } = await run(
    ({ sampleIndex }) => answered(`${sampleIndex}`),
    { numGenerations: 2, groupGenerations: true, addRawOutput: true },
    ['a'],
  )
  expect(columns).toEqual([
    {
      prompt: 'a',
      rating: [0, 1],
      raw_output_rate: ['0', '1'],
      model_name: ['model-1', 'model-1'],
    },
  ])
})

test('a bad answer among grouped ones rejects the row', async () => {
  const { rows, rejected } = await run(
    ({ sampleIndex }) => answered(sampleIndex === 1 ? 'bad' : '5'),
    { numGenerations: 3, groupGenerations: true },
    ['a'],
  )
  expect(rows).toEqual([])
  expect(rejected).toMatchObject([{ origin: '0', code: 'output-invalid', raw: 'bad' }])
})

test('a column that only some grouped answers have was once a shorter list', async () => {
  const { columns } = await run(
    ({ sampleIndex }) =>
      answered(sampleIndex === 1 ? '{"rating":1,"note":"good"}' : `{"rating":${sampleIndex}}`),
    { numGenerations: 3, groupGenerations: true },
    ['a'],
  )
  expect(columns[0]).toMatchObject({ rating: [0, 1, 2], note: [null, 'good', null] })
})

test('raw texts go to columns named after the step', async () => {
  const { columns } = await run(() => answered('4'), { addRawInput: true, addRawOutput: true }, [
    'a',
  ])
  expect(columns[0]).toMatchObject({
    rating: 4,
    raw_input_rate: [
      { role: 'system', content: 'Rate it.' },
      { role: 'user', content: expect.stringMatching(/^a 0\.\d+$/) },
    ],
    raw_output_rate: '4',
  })
})

test.each<[FinishReason, string | null, string]>([
  ['refusal', 'I would rather not.', 'refusal'],
  ['stop', null, 'refusal'],
  ['content-filter', null, 'content-filter'],
  ['content-filter', '4', 'content-filter'],
  ['length', '4', 'cut-off'],
  ['length', null, 'cut-off'],
])('an answer that ended with %s and text %j is rejected as %s', async (reason, text, code) => {
  const { columns, rejected } = await run(({ rowIndex }) =>
    rowIndex === 1 ? answered(text, reason) : answered('3'),
  )
  expect(columns.map(({ prompt }) => prompt)).toEqual(['a', 'c'])
  expect(rejected).toMatchObject([{ origin: '1', code, raw: text }])
  expect(rejected[0]?.reason).toMatch(/\.$/)
})

test('an answer without choices is a refusal', async () => {
  const { rejected } = await run(() => ({ ...answered('1'), choices: [] }), {}, ['a'])
  expect(rejected).toMatchObject([{ code: 'refusal', raw: null }])
})

test('a task may keep what was cut off', async () => {
  const { columns } = await run(() => answered('4', 'length'), { keepsCutOff: true }, ['a'])
  expect(columns[0]).toMatchObject({ rating: 4 })
})

test('a throw in formatOutput rejects the row with its sentence and the raw answer', async () => {
  const { rejected } = await run(() => answered('great'), { maxReasks: 0 }, ['a'])
  expect(rejected).toMatchObject([
    { code: 'output-invalid', reason: "'great' is no rating", raw: 'great', row: { prompt: 'a' } },
  ])
})

test('an answer that violates the output schema is rejected with its column', async () => {
  const { rejected } = await run(() => answered('{"rating":"high"}'), {}, ['a'])
  expect(rejected[0]).toMatchObject({ code: 'output-invalid', raw: '{"rating":"high"}' })
  expect(rejected[0]?.reason).toMatch(/^Column 'rating' of the answer does not hold: .*number/)
})

test('columns that the output schema does not know are left out', async () => {
  const { columns } = await run(() => answered('{"rating":1,"id":9}'), {}, ['a'])
  expect(columns[0]).toEqual({ prompt: 'a', rating: 1, model_name: 'model-1' })
})

test.each(['request-invalid', 'context-length', 'content-filter'] as const)(
  'an error %s of one question rejects its row alone',
  async (code) => {
    const { columns, rejected } = await run(({ rowIndex }) =>
      rowIndex === 0 ? new RetortError(code, 'Not this one.') : answered('1'),
    )
    expect(columns.map(({ prompt }) => prompt)).toEqual(['b', 'c'])
    expect(rejected).toMatchObject([{ origin: '0', code, reason: 'Not this one.', raw: null }])
  },
)

test.each(['rate-limited', 'timeout', 'authentication', 'quota'] as const)(
  'an error %s ends the batch as it is',
  async (code) => {
    const cause = new RetortError(code, 'Not now.')
    const running = run(({ rowIndex }) => (rowIndex === 1 ? cause : answered('1')))
    expect(await rejectionOf(running)).toBe(cause)
  },
)

test('a throw in formatInput stops the run', async () => {
  const error = await rejectionOf(run(() => answered('1'), {}, ['a', 'throw']))
  expect(error.code).toBe('step-threw')
  expect(error.message).toBe("Step 'rate' (Rate) threw: no such prompt")
})

test('random numbers come from the row, whatever rows stand beside it', async () => {
  const promptOf = async (prompts: readonly string[]) => {
    const { questions } = await run(() => answered('1'), {}, prompts)
    return questions.map(({ messages }) => messages.at(-1)?.content)
  }
  const [a, b] = await promptOf(['a', 'b'])
  expect(await promptOf(['x', 'b', 'a'])).toEqual([expect.anything(), b, a])
  expect(a?.slice(1)).not.toBe(b?.slice(1))
})

test('each function of a task gets the same random numbers anew', async () => {
  const drawn: number[][] = []
  const draw = ({ random }: TaskContext) => drawn.push([random(), random()])
  const { definition } = defineTask({
    type: 'Draw',
    inputs: z.object({}),
    outputs: z.object({}),
    formatInput(_row, context) {
      draw(context)
      return [user('x')]
    },
    formatOutput(_text, _row, context) {
      draw(context)
      return {}
    },
    example(_row, context) {
      draw(context)
      return 'x'
    },
  })
  await runStep({
    definition,
    params: {},
    step: { name: 'draw', batchSize: 1 },
    rows: [{ origin: '0', identity: 'one', row: {} }],
    seed: 0,
    signal: new AbortController().signal,
    model: { ...noModel('rate'), ask: async ({ example }) => answered(example()) },
  })
  expect(drawn).toHaveLength(3)
  expect(drawn[1]).toEqual(drawn[0])
  expect(drawn[2]).toEqual(drawn[0])
  expect(drawn[0]?.[0]).not.toBe(drawn[0]?.[1])
})
