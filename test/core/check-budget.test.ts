import { expect, test } from 'vitest'

import { checkBudget } from '../../src/core/check-budget.ts'
import type { BudgetedModel } from '../../src/core/check-budget.ts'
import type { Budget } from '../../src/core/run-settings.ts'
import { usdText } from '../../src/core/usd-text.ts'
import { errorOf } from './error-of.ts'

const answer: BudgetedModel = {
  step: 'answer',
  model: 'small',
  maxNewTokens: 2_048,
  price: { inputNanoUsdPerToken: 100, outputNanoUsdPerToken: 1_000 },
}
const judge: BudgetedModel = { ...answer, step: 'judge', model: 'large', maxNewTokens: 500 }

test.each<[budget: Budget, sentence: RegExp]>([
  [{ usd: 0 }, /^The budget in US dollars is 0; it takes a number above 0/],
  [{ usd: -1 }, /is -1;/],
  [{ usd: Number.NaN }, /is NaN;/],
  [{ usd: Number.POSITIVE_INFINITY }, /is Infinity;/],
  [{ usd: 'much' as never }, /is much;/],
  [{ tokens: 0 }, /^The budget in tokens is 0; it takes a whole number of 1 or more/],
  [{ tokens: 10.5 }, /is 10.5;/],
])('a budget of %j is refused', (budget, sentence) => {
  const error = errorOf(() => checkBudget(budget, [answer]))
  expect(error.code).toBe('setting-invalid')
  expect(error.message).toMatch(sentence)
})

test('a budget in US dollars needs the price of every model; one in tokens needs none', () => {
  const unpriced = { ...judge, price: null }
  const error = errorOf(() => checkBudget({ usd: 1 }, [answer, unpriced]))
  expect(error.code).toBe('price-unknown')
  expect(error.message).toContain("Step 'judge' asks model 'large'")
  expect(error.message).toContain('prices: { inputUsdPerMillion, outputUsdPerMillion }')
  checkBudget({ tokens: 5_000 }, [answer, unpriced])
})

test("a budget under the cheapest call's answer is refused, naming its step", () => {
  const usd = errorOf(() => checkBudget({ usd: 0.000_499 }, [answer, judge]))
  expect(usd.code).toBe('setting-invalid')
  expect(usd.message).toContain("step 'judge' may have 500 tokens, which cost $0.0005")
  checkBudget({ usd: 0.000_5 }, [answer, judge])
  const tokens = errorOf(() => checkBudget({ tokens: 499 }, [answer, judge]))
  expect(tokens.code).toBe('setting-invalid')
  checkBudget({ tokens: 500 }, [answer, judge])
})

test('a pipeline that asks no model may have any budget', () => {
  checkBudget({ usd: 0.01, tokens: 1 }, [])
})

test.each([
  [0, '$0'],
  [0.000_000_5, '$0.0000005'],
  [0.012_34, '$0.012'],
  [0.5, '$0.50'],
  [1_234.567, '$1,234.57'],
])('%d US dollars read %s', (usd, text) => {
  expect(usdText(usd)).toBe(text)
})
