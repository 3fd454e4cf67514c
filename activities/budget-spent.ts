import { RetortError } from '../src/core/errors.ts'
import { toUsd } from '../src/core/price.ts'
import { usdText } from '../src/core/usd-text.ts'
import { minus, noAmount } from '../src/storage/budget/amount.ts'
import type { Amount } from '../src/storage/budget/amount.ts'
import { capAmount, heldBackBy, spentOf } from '../src/storage/budget/ledger.ts'
import type { Block, Caps, Ledger } from '../src/storage/budget/ledger.ts'

/**
 * That a run's next call does not fit into what is left of its budget.
 *
 * @param isGone - whether a block's holder is no more
 */
export function budgetSpent(
  run: string,
  caps: Caps,
  ledger: Ledger,
  worst: Amount,
  isGone: (block: Block) => boolean,
): RetortError {
  const spent = spentOf(ledger, isGone)
  const isOfMoney = caps.nanoUsd !== null && spent.nanoUsd + worst.nanoUsd > caps.nanoUsd
  const [setting, option] = isOfMoney
    ? ['budget.usd', '--budget-usd']
    : ['budget.tokens', '--budget-tokens']
  const text = isOfMoney
    ? ({ nanoUsd }: Amount) => usdText(toUsd(nanoUsd))
    : ({ tokens }: Amount) => `${tokens.toLocaleString('en-US')} tokens`
  const lost = heldBackBy(ledger, isGone)
  const paid = text(minus(spent, lost))
  const aside =
    text(lost) === text(noAmount)
      ? ''
      : ` (${text(lost)} more stays set aside for a worker that is gone, until the budget is raised)`
  return new RetortError(
    'budget',
    `Run '${run}' has spent ${paid} of its budget of ${text(capAmount(caps))}${aside}, and its next call may take ${text(worst)}; \`retort set ${run} ${setting}=…\`, or the same command with a higher ${option}, lets it go on.`,
    { data: { setting, spent: { ...spent }, cap: { ...caps } } },
  )
}
