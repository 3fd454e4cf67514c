import { expect, test } from 'vitest'
import { z } from 'zod'

import { defineStep } from '../../src/core/define-step.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { errorOf } from './error-of.ts'
import { chain, resolve, simulatedSpec } from './little-registry.ts'

const count = (params: JsonObject) => resolve(chain({ type: 'Prompts' }, { type: 'Count', params }))
const judge = (params: JsonObject) =>
  resolve(
    chain(
      { type: 'Prompts' },
      { type: 'Judge', params: { aspect: 'truth', llm: simulatedSpec, ...params } },
    ),
  )
const limited = (limits: unknown) => judge({ llm: { ...simulatedSpec, limits } as JsonObject })
const priced = (prices: unknown) => judge({ llm: { ...simulatedSpec, prices } as JsonObject })

test('an unknown parameter is refused with the nearest name', () => {
  const error = errorOf(() => count({ unti: 'words' }))
  expect(error.code).toBe('parameter-unknown')
  expect(error.message).toBe("Step 'count' (Count) has no parameter 'unti'. Did you mean 'unit'?")
  expect(errorOf(() => judge({ numGeneration: 2 })).message).toContain("'numGenerations'?")
  expect(errorOf(() => count({ numGenerations: 2 })).code).toBe('parameter-unknown')
})

test('a missing parameter is named', () => {
  const error = errorOf(() =>
    resolve(chain({ type: 'Prompts' }, { type: 'Judge', params: { llm: simulatedSpec } })),
  )
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toBe("Step 'judge' (Judge) needs the parameter 'aspect'.")
})

test('a mistyped parameter is named with what it takes', () => {
  const error = errorOf(() => count({ unit: 'pages' }))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("Parameter 'unit' of step 'count' (Count) does not hold")
  expect(error.message).toContain('"words"')
})

test('parameters that do not hold together were once named by nothing', () => {
  const { definition } = defineStep({
    type: 'Range',
    params: z.object({ from: z.number(), to: z.number() }).refine(({ from, to }) => from < to, {
      message: 'from is not below to',
    }),
    inputs: z.object({}),
    outputs: z.object({}),
    *process() {},
  })
  const step = { name: 'range', type: 'Range', params: { from: 2, to: 1 } }
  const error = errorOf(() => resolveParams(definition, step))
  expect(error.message).toBe(
    "What is given as parameters of step 'range' (Range) does not hold: from is not below to.",
  )
})

test('defaults are filled in', () => {
  expect(count({})[1]?.params).toEqual({ unit: 'letters' })
  expect(judge({})[1]?.params).toMatchObject({ numGenerations: 1, groupGenerations: false })
})

test('a batch has 50 rows where nobody says otherwise', () => {
  expect(count({})[1]?.batchSize).toBe(50)
  expect(count({ inputBatchSize: 1 })[1]?.batchSize).toBe(1)
  expect(count({ inputBatchSize: 5_000 })[1]?.batchSize).toBe(5_000)
})

test.each([0, -1, 5_001, 1.5, '50', null])('a batch size of %j is refused', (size) => {
  const error = errorOf(() => count({ inputBatchSize: size }))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toBe(
    `Parameter 'inputBatchSize' of step 'count' is ${JSON.stringify(size)}; it takes a whole number from 1 to 5000.`,
  )
})

test.each([0, 1.5, '2', true])('numGenerations of %j is refused', (numGenerations) => {
  const error = errorOf(() => judge({ numGenerations }))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("'numGenerations' of step 'judge'")
  expect(error.message).toContain('a whole number of 1 or more')
})

test.each(['groupGenerations', 'addRawInput', 'addRawOutput'])('%s is true or false', (name) => {
  const error = errorOf(() => judge({ [name]: 'yes' }))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain(`'${name}' of step 'judge' is "yes"; it takes true or false`)
})

test.each([undefined, null, 'gpt-4o', {}, { model: 'gpt-4o' }])(
  'a model of %j is refused',
  (llm) => {
    const error = errorOf(() =>
      resolve(
        chain(
          { type: 'Prompts' },
          {
            type: 'Judge',
            params: { aspect: 'x', ...(llm === undefined ? {} : { llm }) } as JsonObject,
          },
        ),
      ),
    )
    expect(error.code).toBe('parameter-invalid')
    expect(error.message).toContain("Step 'judge' needs a model: its parameter 'llm' takes")
  },
)

test('an unknown member of a model is refused with the nearest name', () => {
  const error = errorOf(() => judge({ llm: { ...simulatedSpec, limit: {} } }))
  expect(error.code).toBe('parameter-unknown')
  expect(error.message).toContain("The model of step 'judge' has no member 'limit'")
  expect(error.message).toContain("'limits'?")
})

test('limits are known names with whole numbers', () => {
  const limits = { maxConcurrency: 8, requestsPerMinute: 60, tokensPerMinute: 1_000, group: 'mine' }
  expect(limited(limits)[1]?.model).toMatchObject({ spec: { limits }, limitGroup: 'mine' })
})

test.each<[limits: unknown, essential: string]>([
  [{ maxConcurency: 1 }, "Did you mean 'maxConcurrency'?"],
  [{ maxConcurrency: 0 }, "Limit 'maxConcurrency' of step 'judge' is 0; it takes a whole number"],
  [
    { maxConcurrency: 1.5 },
    "Limit 'maxConcurrency' of step 'judge' is 1.5; it takes a whole number",
  ],
  [{ maxConcurrency: -1 }, "Limit 'maxConcurrency' of step 'judge' is -1; it takes a whole number"],
  [{ requestsPerMinute: 0 }, "Limit 'requestsPerMinute' of step 'judge' is 0; it takes"],
  [
    { requestsPerMinute: Infinity },
    "Limit 'requestsPerMinute' of step 'judge' is Infinity; it takes",
  ],
  [{ tokensPerMinute: -5 }, "Limit 'tokensPerMinute' of step 'judge' is -5; it takes"],
  [{ tokensPerMinute: NaN }, "Limit 'tokensPerMinute' of step 'judge' is NaN; it takes"],
  [{ tokensPerMinute: '9' }, "'tokensPerMinute'"],
  [{ group: 5 }, "Limit 'group' of step 'judge' is 5; it takes a name"],
  [[], "'limits' of step 'judge' are no object"],
])('limits of %o are refused', (limits, essential) => {
  const error = errorOf(() => limited(limits))
  expect(['parameter-unknown', 'parameter-invalid']).toContain(error.code)
  expect(error.message).toContain(essential)
})

test('prices are two numbers that may be 0, and decide no answer', () => {
  const prices = { inputUsdPerMillion: 0.15, outputUsdPerMillion: 0 }
  const [, step] = priced(prices)
  expect(step?.model?.spec).toMatchObject({ prices })
  expect(step?.signature).toBe(judge({})[1]?.signature)
})

test.each<[prices: unknown, essential: string]>([
  [{ inputUsdPerMilion: 1 }, "Did you mean 'inputUsdPerMillion'?"],
  [{ inputUsdPerMillion: 1 }, "of step 'judge' lack 'outputUsdPerMillion'; they take both"],
  [
    { inputUsdPerMillion: -1, outputUsdPerMillion: 1 },
    "'inputUsdPerMillion' of step 'judge' is -1",
  ],
  [
    { inputUsdPerMillion: 1, outputUsdPerMillion: NaN },
    "'outputUsdPerMillion' of step 'judge' is NaN",
  ],
  [{ inputUsdPerMillion: '1', outputUsdPerMillion: 1 }, 'it takes US dollars per million tokens'],
  [[], "'prices' of step 'judge' are no object"],
])('prices of %o are refused', (prices, essential) => {
  const error = errorOf(() => priced(prices))
  expect(['parameter-unknown', 'parameter-invalid']).toContain(error.code)
  expect(error.message).toContain(essential)
})

test('a model says in texts where its type is defined', () => {
  const error = errorOf(() => judge({ llm: { ...simulatedSpec, module: 5 } }))
  expect(error).toMatchObject({
    code: 'parameter-invalid',
    message: "The 'module' of the model of step 'judge' is 5; it takes a text.",
  })
})
