import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineStep } from '../../src/core/define-step.ts'
import { RetortError } from '../../src/core/errors.ts'
import { reject } from '../../src/core/rejection.ts'
import type { Rejection } from '../../src/core/rejection.ts'
import { noModel, runStep } from '../../src/core/run-step.ts'
import type { StepPlace } from '../../src/core/run-step.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { StepModel, StepContext, StepOutput } from '../../src/core/step.ts'
import { rejectionOf } from './error-of.ts'

interface Read extends Readonly<Record<string, unknown>> {
  readonly n: number
}
type Output = StepOutput<Readonly<Record<string, unknown>>>

const staged = (rows: readonly Readonly<Record<string, unknown>>[]): StagedRow[] =>
  rows.map((row, index) => ({ origin: `${index}`, identity: `id-${index}`, row }))
const numbers = (count: number) => staged(Array.from({ length: count }, (_, n) => ({ n, at: 'x' })))

function run(
  process: (
    rows: readonly Read[],
    context: StepContext,
  ) => Iterable<Output> | AsyncIterable<Output>,
  rows: readonly StagedRow[],
  place: Partial<StepPlace> = {},
  more: { signal?: AbortSignal; model?: StepModel } = {},
) {
  const { definition } = defineStep({
    type: 'Own',
    inputs: z.object({ n: z.number() }),
    outputs: z.looseObject({}),
    process: (read, _params, context) => process(read, context),
  })
  return runStep({
    definition,
    params: {},
    step: { name: 'own', batchSize: 50, ...place },
    rows,
    seed: 7,
    signal: new AbortController().signal,
    ...more,
  })
}

test('rows come out in order with what the step adds', async () => {
  const result = await run(function* (rows) {
    for (const { n } of rows) yield { double: n * 2 }
  }, numbers(3))
  expect(result).toEqual({
    rows: [
      { origin: '0', identity: 'id-0', row: { n: 0, at: 'x', double: 0 } },
      { origin: '1', identity: 'id-1', row: { n: 1, at: 'x', double: 2 } },
      { origin: '2', identity: 'id-2', row: { n: 2, at: 'x', double: 4 } },
    ],
    rejected: [],
  })
})

test('a step sees only the columns that it declares, under its own names', async () => {
  const seen: unknown[] = []
  const rows = staged([{ value: 4, n: 'other', at: 'x' }])
  const result = await run(
    function* (read) {
      seen.push(...read)
      for (const _ of read) yield { root: 2 }
    },
    rows,
    { inputs: { n: 'value' }, outputs: { root: 'value_root' } },
  )
  expect(seen).toEqual([{ n: 4 }])
  expect(result.rows[0]?.row).toEqual({ value: 4, n: 'other', at: 'x', value_root: 2 })
})

test('mapped inputs may change places', async () => {
  const result = await run(
    function* (read) {
      for (const { n } of read) yield { seen: n }
    },
    staged([{ n: 1, m: 2 }]),
    { inputs: { n: 'm', m: 'n' } },
  )
  expect(result.rows[0]?.row).toEqual({ n: 1, m: 2, seen: 2 })
})

test('only kept columns stay, beside those that the step adds', async () => {
  const result = await run(
    function* (read) {
      for (const _ of read) yield { added: true }
    },
    numbers(1),
    { keeps: ['at'] },
  )
  expect(result.rows[0]?.row).toEqual({ at: 'x', added: true })
})

test('a row that lacks or mistypes a column is rejected, and its neighbours are untouched', async () => {
  const rows = staged([{ n: 1 }, { m: 2 }, { n: 'three' }, { n: 4 }])
  const result = await run(function* (read) {
    for (const { n } of read) yield { double: n * 2 }
  }, rows)
  expect(result.rows.map(({ origin, row }) => [origin, row['double']])).toEqual([
    ['0', 2],
    ['3', 8],
  ])
  expect(result.rejected).toMatchObject([
    { origin: '1', identity: 'id-1', step: 'own', code: 'input-invalid', raw: null, row: { m: 2 } },
    { origin: '2', code: 'input-invalid', row: { n: 'three' } },
  ])
  expect(result.rejected[1]?.reason).toMatch(/^Column 'n' does not hold for step 'own': .*number/)
})

test('a rejected input is named as the data names it', async () => {
  const result = await run(function* () {}, staged([{ value: 'x' }]), { inputs: { n: 'value' } })
  expect(result.rejected[0]?.reason).toContain("Column 'value'")
})

test('a list makes a row several, each with a place of its own', async () => {
  const result = await run(function* (rows) {
    for (const { n } of rows) yield Array.from({ length: n }, (_, k) => ({ k }))
  }, numbers(3))
  expect(result.rows.map(({ origin, identity, row }) => [origin, identity, row['k']])).toEqual([
    ['1.0', 'id-1.0', 0],
    ['2.0', 'id-2.0', 0],
    ['2.1', 'id-2.1', 1],
  ])
  expect(result.rejected).toEqual([])
})

test('an empty list filters a row out without rejecting it', async () => {
  const result = await run(function* (rows) {
    for (const { n } of rows) yield n === 1 ? [] : {}
  }, numbers(3))
  expect(result.rows.map(({ origin }) => origin)).toEqual(['0', '2'])
  expect(result.rejected).toEqual([])
})

test('a rejection is kept with code, reason and raw answer, also within a list', async () => {
  const result = await run(function* (): Iterable<Output> {
    yield reject('output-invalid', 'No solution.', 'raw text')
    yield [{ k: 0 }, reject('refusal', 'It would not.'), { k: 2 }] as readonly (
      | { k: number }
      | Rejection
    )[]
  }, numbers(2))
  expect(result.rows.map(({ origin }) => origin)).toEqual(['1.0', '1.2'])
  expect(result.rejected).toEqual([
    {
      origin: '0',
      identity: 'id-0',
      step: 'own',
      code: 'output-invalid',
      reason: 'No solution.',
      raw: 'raw text',
      row: { n: 0, at: 'x' },
    },
    {
      origin: '1.1',
      identity: 'id-1.1',
      step: 'own',
      code: 'refusal',
      reason: 'It would not.',
      raw: null,
      row: { n: 1, at: 'x' },
    },
  ])
})

test.each([
  [0, 'yielded 0 items for 3 rows'],
  [2, 'yielded 2 items for 3 rows'],
  [4, 'yielded 4 items for 3 rows'],
])('%i items for 3 rows stop the run', async (count, essential) => {
  const error = await rejectionOf(
    run(function* () {
      for (let index = 0; index < count; index++) yield {}
    }, numbers(3)),
  )
  expect(error.code).toBe('step-threw')
  expect(error.message).toContain("Step 'own' (Own)")
  expect(error.message).toContain(essential)
  expect(error.message).toContain('[] for none')
})

test('a throw stops the run, with its cause', async () => {
  const cause = new TypeError('no such thing')
  const failing = () => {
    throw cause
  }
  const error = await rejectionOf(run(failing, numbers(2)))
  expect(error.code).toBe('step-threw')
  expect(error.verdict).toBe('stop')
  expect(error.message).toBe("Step 'own' (Own) threw: no such thing")
  expect(error.cause).toBe(cause)
})

test.each(['rate-limited', 'quota'] as const)('an error %s of the model passes', async (code) => {
  const cause = new RetortError(code, 'The provider says no.')
  const failing = () => {
    throw cause
  }
  expect(await rejectionOf(run(failing, numbers(1)))).toBe(cause)
})

test('a rejection that was thrown once failed the batch as if a row were to blame', async () => {
  const failing = () => {
    throw new RetortError('content-filter', 'Filtered.')
  }
  const error = await rejectionOf(run(failing, numbers(1)))
  expect(error.code).toBe('step-threw')
  expect(error.message).toContain('Filtered.')
})

test('what is thrown after the run was told to end passes', async () => {
  const controller = new AbortController()
  const cause = new Error('ended')
  const failing = () => {
    controller.abort()
    throw cause
  }
  const ended = run(failing, numbers(1), {}, { signal: controller.signal })
  await expect(ended).rejects.toBe(cause)
})

test('the code never gets more rows than a batch has', async () => {
  const sizes: number[] = []
  const identities: string[] = []
  const result = await run(
    function* (rows, context) {
      sizes.push(rows.length)
      identities.push(...context.identities)
      for (const { n } of rows) yield { double: n * 2 }
    },
    numbers(7),
    { batchSize: 3 },
  )
  expect(sizes).toEqual([3, 3, 1])
  expect(identities).toEqual(numbers(7).map(({ identity }) => identity))
  expect(result.rows.map(({ row }) => row['double'])).toEqual([0, 2, 4, 6, 8, 10, 12])
})

test('no rows call no code', async () => {
  const failing = () => {
    throw new Error('It was called.')
  }
  expect(await run(failing, [])).toEqual({ rows: [], rejected: [] })
  expect((await run(failing, staged([{}]))).rejected).toHaveLength(1)
})

test('a question behind a rejected row once named the wrong row', async () => {
  const asked: number[] = []
  const rows = staged([{ n: 0 }, {}, { n: 2 }, {}, { n: 4 }])
  await rejectionOf(
    run(
      async function* (read, context) {
        const questions = read.map((_, rowIndex) =>
          context.ask({ messages: [], rowIndex, sampleIndex: 0, reask: 0, example: () => '' }),
        )
        for (const question of questions) yield { answer: await question }
      },
      rows,
      { batchSize: 2 },
      {
        model: {
          ...noModel('step'),
          ask: ({ rowIndex }) => {
            asked.push(rowIndex)
            return Promise.reject(new RetortError('quota', 'No more.'))
          },
        },
      },
    ),
  )
  expect(asked).toEqual([0, 2, 4])
})

const typed = (yields: unknown, columns?: () => never) =>
  runStep({
    definition: defineStep({
      type: 'Typed',
      inputs: z.object({ n: z.number() }),
      outputs: z.object({ double: z.number(), note: z.string().default('none') }),
      ...(columns === undefined ? {} : { columns }),
      *process(rows) {
        // What a step's author got wrong is no business of the compiler here.
        for (const { n } of rows) yield (n === 1 ? yields : { double: 2 * n }) as never
      },
    }).definition,
    params: {},
    step: { name: 'typed', batchSize: 50, outputs: { double: 'twice' } },
    rows: numbers(2),
    seed: 0,
    signal: new AbortController().signal,
  })

test.each([
  [{ double: 'two' }, `yields "two" as column 'twice' for row 1`, 'twice', '1'],
  [{ twice: 2 }, `yields no column 'twice' for row 1`, 'twice', '1'],
  [[{ double: 2 }, { double: null }], `yields null as column 'twice' for row 1.1`, 'twice', '1.1'],
  [7, 'yields 7 for row 1', undefined, '1'],
  [{ double: 'x'.repeat(300) }, `yields "${'x'.repeat(199)}… as`, 'twice', '1'],
])('a step that yields %j stops the run, told where', async (yields, says, column, origin) => {
  const error = await rejectionOf(typed(yields))
  expect(error.code).toBe('column-mistyped')
  expect(error.verdict).toBe('stop')
  expect(error.message).toContain(`Step 'typed' (Typed) ${says}`)
  expect(error.message).toMatch(/, which its outputs do not allow: .*\.$/)
  expect(error.data).toEqual({ step: 'typed', origin, ...(column === undefined ? {} : { column }) })
})

test('a step adds what its schema of outputs makes of what it yields', async () => {
  const { rows } = await typed({ double: 2, other: true })
  expect(rows.map(({ row }) => row)).toEqual([
    { n: 0, at: 'x', twice: 0, note: 'none' },
    { n: 1, at: 'x', twice: 2, note: 'none' },
  ])
})

test('columns that depend on parameters are the business of the step', async () => {
  const { rows } = await typed({ other: true }, () => {
    throw new Error('Running a step once resolved its columns.')
  })
  expect(rows[1]?.row).toEqual({ n: 1, at: 'x', other: true })
})
