import { expect, test } from 'vitest'

import { readSettings, settingsText } from '../../src/core/read-settings.ts'
import { errorOf } from './error-of.ts'

const steps = [
  { name: 'load', limitGroup: null },
  { name: 'draft', limitGroup: 'small' },
  { name: 'draft.again', limitGroup: 'small' },
  { name: 'judge', limitGroup: 'large' },
]
const oneGroup = steps.slice(0, 3)

test('settings are read from their paths, and a limit holds for all steps of its group', () => {
  const settings = readSettings(
    [
      { path: 'budget.usd', value: 2.5 },
      { path: 'budget.tokens', value: 9_000 },
      { path: 'maxRejected', value: 0 },
      { path: 'draft.again.llm.limits.maxConcurrency', value: 20 },
      { path: 'judge.llm.limits.requestsPerMinute', value: 0.5 },
    ],
    steps,
  )
  expect(settings).toEqual({
    budget: { usd: 2.5, tokens: 9_000 },
    maxRejected: 0,
    limits: {
      draft: { maxConcurrency: 20 },
      'draft.again': { maxConcurrency: 20 },
      judge: { requestsPerMinute: 0.5 },
    },
  })
  expect(settingsText(settings)).toBe(
    "budget.usd is 2.5, budget.tokens is 9000, maxRejected is 0, maxConcurrency is 20 for 'draft', 'draft.again', requestsPerMinute is 0.5 for 'judge'",
  )
})

test('a limit needs no step where the run has one limit group', () => {
  expect(readSettings([{ path: 'tokensPerMinute', value: 1_000 }], oneGroup)).toEqual({
    limits: { draft: { tokensPerMinute: 1_000 }, 'draft.again': { tokensPerMinute: 1_000 } },
  })
})

test.each([
  ['maxConcurrency', 5, "set one of 'draft.llm.limits.maxConcurrency', 'judge.llm"],
  ['budget.euro', 5, "There is no setting 'budget.euro'"],
  ['budget.usd', '5', 'budget.usd is "5"; it takes a number'],
  ['budget.usd', 0, 'it takes a number above 0'],
  ['budget.tokens', 1.5, 'it takes a whole number of 1 or more'],
  ['maxRejected', -1, 'maxRejected is -1'],
  ['maxRejected', 1.5, 'maxRejected is 1.5'],
  ['load.llm.limits.maxConcurrency', 5, "Step 'load' asks no model"],
  ['judge.llm.limits.maxConcurrency', 0, 'maxConcurrency is 0; it takes a whole number'],
  ['judge.llm.limits.maxConcurrency', 2.5, 'maxConcurrency is 2.5; it takes a whole number'],
  ['judge.llm.limits.requestsPerMinute', null, 'requestsPerMinute is null; it takes a number'],
  ['judge.llm.limits.group', 'x', "There is no setting 'judge.llm.limits.group'"],
  ['judges.llm.limits.maxConcurrency', 5, "Did you mean 'judge.llm.limits.maxConcurrency'?"],
])('%s=%s is refused with a sentence', (path, value, sentence) => {
  const error = errorOf(() => readSettings([{ path, value }], steps))
  expect(error).toMatchObject({ code: 'setting-invalid', verdict: 'invalid' })
  expect(error.message).toContain(sentence)
})
