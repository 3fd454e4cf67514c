import { RetortError } from './errors.ts'
import type { PlannedStep } from './plan.ts'
import { costNanoUsd, toNanoUsd, toUsd } from './price.ts'
import type { Price } from './price.ts'
import type { Budget } from './run-settings.ts'
import { usdText } from './usd-text.ts'

/** A model that a step asks, as far as budgets depend on it. */
export interface BudgetedModel {
  readonly step: string
  readonly model: string
  /** Most tokens of an answer. */
  readonly maxNewTokens: number
  /** `null` where it is not known. */
  readonly price: Price | null
}

/** The models that steps of a plan ask. */
export function budgetedModels(
  steps: readonly Pick<PlannedStep, 'name' | 'model'>[],
): BudgetedModel[] {
  return steps.flatMap(({ name: step, model: asked }) => {
    if (asked === null) return []
    const { model, maxNewTokens, price } = asked
    return [{ step, model, maxNewTokens, price }]
  })
}

/**
 * Checks that a budget is one, and that a run whose steps ask these models can keep it and make a call under it.
 *
 * @throws RetortError `setting-invalid`; `price-unknown` where US dollars are bounded and a model has no known price
 */
export function checkBudget(budget: Budget, models: readonly BudgetedModel[]): void {
  checkAmounts(budget)
  const { usd, tokens } = budget
  if (usd !== undefined) {
    const unpriced = models.find(({ price }) => price === null)
    if (unpriced !== undefined)
      throw new RetortError(
        'price-unknown',
        `Step '${unpriced.step}' asks model '${unpriced.model}', whose price is not known, so a budget in US dollars cannot be kept; give the model prices: { inputUsdPerMillion, outputUsdPerMillion }, or set a budget in tokens.`,
        { data: { step: unpriced.step, model: unpriced.model } },
      )
    const cheapest = leastOf(models, costOfLongestAnswer)
    if (cheapest !== undefined && toNanoUsd(usd) < cheapest.amount)
      throw new RetortError(
        'setting-invalid',
        `A budget of ${usdText(usd)} is less than one call: an answer of step '${cheapest.model.step}' may have ${cheapest.model.maxNewTokens.toLocaleString('en-US')} tokens, which cost ${usdText(toUsd(cheapest.amount))}; raise the budget, or lower maxNewTokens.`,
      )
  }
  if (tokens !== undefined) {
    const shortest = leastOf(models, ({ maxNewTokens }) => maxNewTokens)
    if (shortest !== undefined && tokens < shortest.amount)
      throw new RetortError(
        'setting-invalid',
        `A budget of ${tokens.toLocaleString('en-US')} tokens is less than one call: an answer of step '${shortest.model.step}' may have ${shortest.amount.toLocaleString('en-US')}; raise the budget, or lower maxNewTokens.`,
      )
  }
}

/** Checks that a budget is made of amounts above 0. @throws RetortError `setting-invalid` */
export function checkAmounts({ usd, tokens }: Budget): void {
  if (usd !== undefined && !(Number.isFinite(usd) && usd > 0))
    throw new RetortError(
      'setting-invalid',
      `The budget in US dollars is ${String(usd)}; it takes a number above 0, such as 2.50.`,
    )
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens > 0))
    throw new RetortError(
      'setting-invalid',
      `The budget in tokens is ${String(tokens)}; it takes a whole number of 1 or more.`,
    )
}

function costOfLongestAnswer({ price, maxNewTokens }: BudgetedModel): number {
  return price === null ? 0 : costNanoUsd({ inputTokens: 0, outputTokens: maxNewTokens }, price)
}

function leastOf(
  models: readonly BudgetedModel[],
  amountOf: (model: BudgetedModel) => number,
): { readonly model: BudgetedModel; readonly amount: number } | undefined {
  return models
    .map((model) => ({ model, amount: amountOf(model) }))
    .toSorted((a, b) => a.amount - b.amount)[0]
}
