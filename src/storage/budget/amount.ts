/** Money and tokens, both in whole numbers. */
export interface Amount {
  /** Billionths of a US dollar. */
  readonly nanoUsd: number
  /** Input and output together. */
  readonly tokens: number
}

/** Nothing. */
export const noAmount: Amount = { nanoUsd: 0, tokens: 0 }

/** Adds amounts up. */
export function sumOf(amounts: Iterable<Amount>): Amount {
  let nanoUsd = 0
  let tokens = 0
  for (const amount of amounts) {
    nanoUsd += amount.nanoUsd
    tokens += amount.tokens
  }
  return { nanoUsd, tokens }
}

/** What is left of an amount; may be below 0. */
export function minus(a: Amount, b: Amount): Amount {
  return { nanoUsd: a.nanoUsd - b.nanoUsd, tokens: a.tokens - b.tokens }
}

/** So many times an amount, rounded down. */
export function times(amount: Amount, factor: number): Amount {
  return {
    nanoUsd: Math.floor(amount.nanoUsd * factor),
    tokens: Math.floor(amount.tokens * factor),
  }
}

/** The larger money and the larger tokens of both. */
export function larger(a: Amount, b: Amount): Amount {
  return { nanoUsd: Math.max(a.nanoUsd, b.nanoUsd), tokens: Math.max(a.tokens, b.tokens) }
}

/** The smaller money and the smaller tokens of both. */
export function smaller(a: Amount, b: Amount): Amount {
  return { nanoUsd: Math.min(a.nanoUsd, b.nanoUsd), tokens: Math.min(a.tokens, b.tokens) }
}

/** Whether an amount is within another, in money and in tokens. */
export function isWithin(a: Amount, b: Amount): boolean {
  return a.nanoUsd <= b.nanoUsd && a.tokens <= b.tokens
}

/** Whether two amounts are the same. */
export function isSameAmount(a: Amount, b: Amount): boolean {
  return a.nanoUsd === b.nanoUsd && a.tokens === b.tokens
}
