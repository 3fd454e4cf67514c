import type { Usage } from './chat.ts'
import type { LLMPrices } from './llm-spec.ts'

/** What the tokens of a model cost, in billionths of a US dollar, which may be fractions. */
export interface Price {
  readonly inputNanoUsdPerToken: number
  readonly outputNanoUsdPerToken: number
  /** Dearer prices of calls with a long input, the shortest first. */
  readonly tiers?: readonly PriceTier[]
}

/** What all tokens of a call cost whose input is longer than so many tokens. */
export interface PriceTier extends Omit<Price, 'tiers'> {
  readonly above: number
}

/** What costs nothing. */
export const freePrice: Price = { inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 0 }

const nanoPerUsd = 1_000_000_000
const nanoUsdPerTokenOfUsdPerMillion = 1_000

/**
 * What a call cost, in whole billionths of a US dollar.
 *
 * Input that a provider sells cheaper because it has seen it before counts in full, so that this is never too little.
 */
export function costNanoUsd({ inputTokens, outputTokens }: Usage, price: Price): number {
  const { inputNanoUsdPerToken, outputNanoUsdPerToken } =
    price.tiers?.findLast(({ above }) => inputTokens > above) ?? price
  return Math.round(inputTokens * inputNanoUsdPerToken + outputTokens * outputNanoUsdPerToken)
}

/** A price as people write it. */
export function toPrice({ inputUsdPerMillion, outputUsdPerMillion }: LLMPrices): Price {
  return {
    inputNanoUsdPerToken: inputUsdPerMillion * nanoUsdPerTokenOfUsdPerMillion,
    outputNanoUsdPerToken: outputUsdPerMillion * nanoUsdPerTokenOfUsdPerMillion,
  }
}

/** What a price says of short calls, as people write it. */
export function toPrices({ inputNanoUsdPerToken, outputNanoUsdPerToken }: Price): LLMPrices {
  return {
    inputUsdPerMillion: inputNanoUsdPerToken / nanoUsdPerTokenOfUsdPerMillion,
    outputUsdPerMillion: outputNanoUsdPerToken / nanoUsdPerTokenOfUsdPerMillion,
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
