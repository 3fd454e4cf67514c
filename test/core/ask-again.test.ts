import { expect, test } from 'vitest'

import { assistant, textOf, user } from '../../src/core/chat.ts'
import type { FinishReason } from '../../src/core/chat.ts'
import { RetortError } from '../../src/core/errors.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { noModel, runStep } from '../../src/core/run-step.ts'
import { rejectionOf } from './error-of.ts'
import { simulatedSpec } from './little-registry.ts'
import { answered, rate, run } from './rating-task.ts'

test('an answer that does not hold is asked for again with what was wrong, until it holds', async () => {
  const answers = ['great', '{"rating":"high"}', '5']
  const { columns, rejected, questions } = await run(
    ({ reask }) => answered(answers[reask] ?? ''),
    { addRawInput: true, addRawOutput: true },
    ['a'],
  )
  expect(rejected).toEqual([])
  expect(questions.map(({ reask, sampleIndex }) => [reask, sampleIndex])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ])
  const [first, , last] = questions.map(({ messages }) => messages)
  expect(last).toEqual([
    ...(first ?? []),
    assistant('great'),
    user(expect.stringContaining("'great' is no rating")),
    assistant('{"rating":"high"}'),
    user(expect.stringContaining("Column 'rating' of the answer does not hold")),
  ])
  expect(columns).toMatchObject([{ rating: 5, raw_input_rate: last, raw_output_rate: '5' }])
})

test('after the last time the row is rejected for what was wrong then, and says how often it was asked', async () => {
  const { rejected, questions } = await run(({ reask }) => answered(`no ${reask}`), {}, ['a'])
  expect(questions).toHaveLength(3)
  expect(rejected).toMatchObject([
    { code: 'output-invalid', reason: "'no 2' is no rating (asked 3 times).", raw: 'no 2' },
  ])
})

test('a conversation never repeats, so that no stored answer ends the asking', async () => {
  const { questions } = await run(() => answered('same'), { maxReasks: 4 }, ['a'])
  expect(new Set(questions.map(({ messages }) => JSON.stringify(messages))).size).toBe(5)
})

test('an answer that was cut off is asked for again, shorter', async () => {
  const { columns, questions } = await run(
    ({ reask }) => (reask === 0 ? answered('4 becau', 'length') : answered('4')),
    {},
    ['a'],
  )
  expect(columns).toMatchObject([{ rating: 4 }])
  expect(questions[1]?.messages.slice(-2)).toEqual([
    assistant('4 becau'),
    user(expect.stringContaining('short enough')),
  ])
})

test('an answer without text is shown as such, since providers refuse empty messages', async () => {
  const { questions } = await run(
    ({ reask }) => [answered(null, 'length'), answered(' '), answered('1')][reask] ?? answered('1'),
    { maxReasks: 2 },
    ['a'],
  )
  const said = questions.flatMap(({ messages }) => messages.map(textOf))
  expect(said).toContain('(no text)')
  expect(said.every((text) => text.trim() !== '')).toBe(true)
})

test.each<[FinishReason, string | null]>([
  ['refusal', 'I would rather not.'],
  ['stop', null],
  ['content-filter', '4'],
])('what ended with %s is not asked for again', async (reason, text) => {
  const { questions } = await run(() => answered(text, reason), {}, ['a'])
  expect(questions).toHaveLength(1)
})

test.each(['context-length', 'request-invalid'] as const)(
  'where asking again fails with %s, the row is rejected for the answer before it',
  async (code) => {
    const { rejected } = await run(
      ({ reask }) => (reask === 0 ? answered('great') : new RetortError(code, 'Too much.')),
      {},
      ['a'],
    )
    expect(rejected).toMatchObject([
      { code: 'output-invalid', reason: "'great' is no rating", raw: 'great' },
    ])
  },
)

test('a refusal of the second answer rejects the row as refused', async () => {
  const { rejected } = await run(
    ({ reask }) => (reask === 0 ? answered('great') : answered('No.', 'refusal')),
    {},
    ['a'],
  )
  expect(rejected).toMatchObject([
    { code: 'refusal', reason: 'The model gave no answer (asked 2 times).', raw: 'No.' },
  ])
})

test('asking again leaves the other answers to a row alone', async () => {
  const { rows, questions } = await run(
    ({ sampleIndex, reask }) => answered(sampleIndex === 1 && reask === 0 ? 'bad' : '5'),
    { numGenerations: 3 },
    ['a'],
  )
  expect(rows.map(({ origin }) => origin)).toEqual(['0.0', '0.1', '0.2'])
  expect(questions.map(({ sampleIndex }) => sampleIndex).toSorted((a, b) => a - b)).toEqual([
    0, 1, 1, 2,
  ])
})

test('calls for other answers to a row once outlived the error of one', async () => {
  let release = () => {}
  const slow = new Promise<void>((resolve) => (release = resolve))
  let ended = 0
  const { definition } = rate
  const step = { name: 'rate', type: 'Rate', params: { llm: simulatedSpec, numGenerations: 2 } }
  const running = runStep({
    definition,
    params: resolveParams(definition, step).params,
    step: { name: 'rate', batchSize: 50 },
    rows: [{ origin: '0', identity: 'a', row: { prompt: 'a' } }],
    seed: 0,
    signal: new AbortController().signal,
    model: {
      ...noModel('rate'),
      async ask({ sampleIndex }) {
        if (sampleIndex === 0) {
          setImmediate(release)
          throw new RetortError('quota', 'No more.')
        }
        await slow
        ended++
        return answered('1')
      },
    },
  })
  expect((await rejectionOf(running)).code).toBe('quota')
  expect(ended).toBe(1)
})

test.each([-1, 1.5, 'two', Number.NaN])('%s is no number of times to ask again', (maxReasks) => {
  const { definition } = rate
  const params = { llm: simulatedSpec, maxReasks }
  expect(() => resolveParams(definition, { name: 'rate', type: 'Rate', params })).toThrow(
    /^Parameter 'maxReasks' of step 'rate' is .*; it takes a whole number of 0 or more\.$/,
  )
})

test('an answer of a form is read out of the text that came back, and asked for again where it does not hold', async () => {
  const schema = {
    type: 'object',
    properties: { rating: { type: 'integer', maximum: 5 } },
    required: ['rating'],
  }
  const { columns, questions } = await run(
    ({ reask }) => answered(reask === 0 ? 'Here: {"rating": 9}' : '```json\n{"rating": 4,}\n```'),
    { structuredOutput: { format: 'json', schema } },
    ['a'],
  )
  expect(columns).toMatchObject([{ rating: 4 }])
  expect(questions).toHaveLength(2)
  expect(questions[0]?.format).toEqual({ format: 'json', schema })
  expect(textOf(questions[1]?.messages.at(-1) ?? user(''))).toMatch(/rating/)
})

test('a form that no answer can be held to stops the step before anything is asked', async () => {
  const structuredOutput = { format: 'json', schema: { $ref: '#/$defs/x' } }
  let asked = 0
  const reply = () => {
    asked++
    return answered('{}')
  }
  expect(await rejectionOf(run(reply, { structuredOutput }))).toMatchObject({
    code: 'parameter-invalid',
    message: `Parameter 'structuredOutput' of step 'rate' has a schema that is no JSON Schema: it refers to '#/$defs/x', which is not in it.`,
  })
  expect(asked).toBe(0)
})

test('what was cut off is not mended, but asked for again', async () => {
  const { rejected } = await run(
    () => answered('{"rating": 4', 'length'),
    { structuredOutput: { format: 'json', schema: { type: 'object' } }, maxReasks: 0 },
    ['a'],
  )
  expect(rejected).toMatchObject([{ code: 'cut-off' }])
})

test('all samples of a row say that they are asked together, and asking again that it is alone', async () => {
  const { questions } = await run(
    ({ sampleIndex, reask }) => answered(sampleIndex === 1 && reask === 0 ? 'bad' : '5'),
    { numGenerations: 3 },
    ['a'],
  )
  expect(questions.map(({ samples }) => samples)).toEqual([3, 3, 3, 1])
})

test('what a model thought and how likely its tokens were become columns where they are wanted', async () => {
  const answer = answered('3')
  const thought = {
    ...answer,
    choices: [
      {
        text: '3',
        finishReason: 'stop' as const,
        reasoning: 'Hm.',
        logprobs: [{ token: '3', logprob: -0.1 }],
      },
    ],
  }
  const wanted = { addReasoning: true, addLogprobs: true }
  const { columns } = await run(({ rowIndex }) => (rowIndex === 0 ? thought : answer), wanted, [
    'a',
    'b',
  ])
  expect(columns).toMatchObject([
    { rating: 3, reasoning: 'Hm.', logprobs: [{ token: '3', logprob: -0.1 }] },
    { rating: 3, reasoning: null, logprobs: null },
  ])
})

test.each([
  [{ structuredOutput: 'json' }, /'structuredOutput' of step 'rate' is "json"; it takes/],
  [{ structuredOutput: { format: 'json', schema: {}, strict: true } }, /has a member 'strict'/],
  [{ mode: 'later' }, /'mode' of step 'rate' is "later"; it takes 'online', 'batch'/],
  [{ addReasoning: 'yes' }, /'addReasoning' of step 'rate' is "yes"; it takes true or false/],
])('%j is refused', (given, message) => {
  const params = { llm: simulatedSpec, ...given } as never
  const resolve = () => resolveParams(rate.definition, { name: 'rate', type: 'Rate', params })
  expect(resolve).toThrow(message)
})
