import type { Usage } from './chat.ts'
import type { LLMPrices } from './llm-spec.ts'

/** What the tokens of a model cost, in billionths of a US dollar, which may be fractions. */
export interface Price {
  readonly inputNanoUsdPerToken: number
  readonly outputNanoUsdPerToken: number
  /** Input that the provider has at hand from an earlier call; as other input where it is left out. */
  readonly cachedInputNanoUsdPerToken?: number
  /** Input that the provider is paid to keep at hand; as other input where it is left out. */
  readonly cacheWriteNanoUsdPerToken?: number
  /** Dearer prices of calls with a long input, the shortest first. */
  readonly tiers?: readonly PriceTier[]
  /** Those of the models that a model is made of, whose dearest it has itself; see {@link replyCostNanoUsd}. */
  readonly parts?: readonly Price[]
}

/** What all tokens of a call cost whose input is longer than so many tokens. */
export interface PriceTier extends Omit<Price, 'tiers' | 'parts'> {
  readonly above: number
}

/** What costs nothing. */
export const freePrice: Price = { inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 0 }

const nanoPerUsd = 1_000_000_000
const nanoUsdPerTokenOfUsdPerMillion = 1_000

/** What a call cost, in whole billionths of a US dollar. */
export function costNanoUsd(
  { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 }: Usage,
  price: Price,
): number {
  const {
    inputNanoUsdPerToken: input,
    outputNanoUsdPerToken: output,
    cachedInputNanoUsdPerToken: cached = input,
    cacheWriteNanoUsdPerToken: cacheWrite = input,
  } = price.tiers?.findLast(({ above }) => inputTokens > above) ?? price
  const other = inputTokens - cachedInputTokens - cacheWriteTokens
  return Math.round(
    other * input +
      cachedInputTokens * cached +
      cacheWriteTokens * cacheWrite +
      outputTokens * output,
  )
}

/** What a reply cost, in whole billionths of a US dollar: each part of it at the price of the model that made it. */
export function replyCostNanoUsd(
  { usage, usageOfParts }: { readonly usage: Usage; readonly usageOfParts?: readonly Usage[] },
  price: Price,
): number {
  const { parts } = price
  if (parts === undefined || usageOfParts?.length !== parts.length) return costNanoUsd(usage, price)
  return parts.reduce((sum, part, index) => {
    const used = usageOfParts[index]
    return used === undefined ? sum : sum + costNanoUsd(used, part)
  }, 0)
}

/** The price of a model that is made of models with these: in each respect that of the dearest. */
export function priceOfParts(parts: readonly Price[]): Price {
  const most = (of: (price: Price | PriceTier) => number) =>
    Math.max(0, ...parts.flatMap((price) => [price, ...(price.tiers ?? [])]).map(of))
  return {
    inputNanoUsdPerToken: most((price) => price.inputNanoUsdPerToken),
    outputNanoUsdPerToken: most((price) => price.outputNanoUsdPerToken),
    parts,
  }
}

/** A price of which a share is paid, as in batch jobs. */
export function sharedPrice(price: Price, share: number): Price {
  const { tiers, parts: _, ...own } = price
  const shared = (prices: Omit<Price, 'tiers' | 'parts'>) =>
    Object.fromEntries(Object.entries(prices).map(([name, value]) => [name, value * share]))
  return {
    ...own,
    ...shared(own),
    ...(tiers === undefined
      ? {}
      : { tiers: tiers.map(({ above, ...tier }) => ({ ...tier, ...shared(tier), above })) }),
  }
}

/** A price as people write it. */
export function toPrice(prices: LLMPrices): Price {
  const { inputUsdPerMillion, outputUsdPerMillion, cachedInputUsdPerMillion: cached } = prices
  return {
    inputNanoUsdPerToken: inputUsdPerMillion * nanoUsdPerTokenOfUsdPerMillion,
    outputNanoUsdPerToken: outputUsdPerMillion * nanoUsdPerTokenOfUsdPerMillion,
    ...(cached === undefined
      ? {}
      : { cachedInputNanoUsdPerToken: cached * nanoUsdPerTokenOfUsdPerMillion }),
  }
}

/** What a price says of short calls, as people write it. */
export function toPrices(price: Price): LLMPrices {
  const { inputNanoUsdPerToken, outputNanoUsdPerToken, cachedInputNanoUsdPerToken: cached } = price
  return {
    inputUsdPerMillion: inputNanoUsdPerToken / nanoUsdPerTokenOfUsdPerMillion,
    outputUsdPerMillion: outputNanoUsdPerToken / nanoUsdPerTokenOfUsdPerMillion,
    ...(cached === undefined
      ? {}
      : { cachedInputUsdPerMillion: cached / nanoUsdPerTokenOfUsdPerMillion }),
  }
}

/** Billionths of a US dollar as US dollars. */
export function toUsd(nanoUsd: number): number {
  return nanoUsd / nanoPerUsd
}

/** US dollars as whole billionths. */
export function toNanoUsd(usd: number): number {
  return Math.round(usd * nanoPerUsd)
}

/** What calls cost in US dollars; `null` where the price of any of them is not known. */
export function costUsdOf(figures: {
  readonly costNanoUsd: number
  readonly unpricedCalls: number
}): number | null {
  return figures.unpricedCalls > 0 ? null : toUsd(figures.costNanoUsd)
}
