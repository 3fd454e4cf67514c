import type { Usage } from '../../core/chat.ts'

const furtherCounts = ['cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'] as const

/** Tokens that several calls used. */
export function sumOfUsage(usages: readonly (Usage | undefined)[]): Usage {
  const sum = (count: keyof Usage) =>
    usages.reduce((total, usage) => total + (usage?.[count] ?? 0), 0)
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    ...Object.fromEntries(
      furtherCounts.flatMap((count) => (sum(count) > 0 ? [[count, sum(count)]] : [])),
    ),
  }
}
