import type { Usage } from '../../core/chat.ts'
import { callsOf } from './journal.ts'
import type { JournalEntry } from './journal.ts'

/** What answers cost. */
export interface JournalUsage extends Required<Omit<Usage, 'cacheWriteTokens'>> {
  readonly calls: number
  /** Billionths of a US dollar of the calls whose price is known. */
  readonly costNanoUsd: number
  readonly unpricedCalls: number
}

/** What the answers of one run cost. */
export interface RunUsage extends JournalUsage {
  /** The part that was paid from each block of the run's budget. */
  readonly budgetBlocks: ReadonlyMap<string, JournalUsage>
}

/** Sums as a footer holds them, in this order; those of earlier releases end with the fifth. */
type Sums = readonly [
  calls: number,
  inputTokens: number,
  outputTokens: number,
  costNanoUsd: number,
  unpricedCalls: number,
  cachedInputTokens?: number,
  reasoningTokens?: number,
]

/** What the answers of one segment cost, by run and block of its budget, as a footer holds it. */
export type SegmentUsage = readonly (readonly [
  run: string,
  sums: Sums,
  blocks: readonly (readonly [block: string, sums: Sums])[],
])[]

type Sum = { -readonly [Figure in keyof JournalUsage]: JournalUsage[Figure] }

/** Sums by run that more is added to. */
export type UsageTally = Map<string, Sum & { readonly budgetBlocks: Map<string, Sum> }>

/** Adds up what entries cost. */
export function sumUsage(entries: readonly JournalEntry[]): UsageTally {
  const tally: UsageTally = new Map()
  for (const { answer, run, costNanoUsd, budgetBlock } of entries) {
    const usage: JournalUsage = {
      calls: callsOf(answer),
      inputTokens: answer.usage.inputTokens,
      outputTokens: answer.usage.outputTokens,
      cachedInputTokens: answer.usage.cachedInputTokens ?? 0,
      reasoningTokens: answer.usage.reasoningTokens ?? 0,
      costNanoUsd: costNanoUsd ?? 0,
      unpricedCalls: costNanoUsd === null ? callsOf(answer) : 0,
    }
    const budgetBlocks = new Map(budgetBlock === null ? [] : [[budgetBlock, usage]])
    addRunUsage(tally, run, { ...usage, budgetBlocks })
  }
  return tally
}

/** Adds what was paid for a run to what is known of it. */
export function addRunUsage(tally: UsageTally, run: string, more: RunUsage): void {
  const known = tally.get(run) ?? { ...nothing(), budgetBlocks: new Map<string, Sum>() }
  tally.set(run, known)
  add(known, more)
  for (const [block, part] of more.budgetBlocks) {
    const sum = known.budgetBlocks.get(block) ?? nothing()
    known.budgetBlocks.set(block, sum)
    add(sum, part)
  }
}

/** Makes of sums what a footer holds. */
export function toSegmentUsage(runs: ReadonlyMap<string, RunUsage>): SegmentUsage {
  return [...runs].map(([run, usage]) => [
    run,
    toSums(usage),
    [...usage.budgetBlocks].map(([block, part]) => [block, toSums(part)] as const),
  ])
}

/** Makes sums of what a footer holds. */
export function fromSegmentUsage(usage: SegmentUsage): Map<string, RunUsage> {
  return new Map(
    usage.map(([run, sums, blocks]) => [
      run,
      {
        ...fromSums(sums),
        budgetBlocks: new Map(blocks.map(([block, part]) => [block, fromSums(part)])),
      },
    ]),
  )
}

/** Whether a value of a footer is the usage of a segment. */
export function isSegmentUsage(value: unknown): value is SegmentUsage {
  return (
    Array.isArray(value) &&
    value.every((item: unknown) => {
      if (!Array.isArray(item)) return false
      const [run, sums, blocks]: unknown[] = item
      return (
        typeof run === 'string' && isSums(sums) && Array.isArray(blocks) && blocks.every(isPart)
      )
    })
  )
}

function isPart(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'string' && isSums(value[1])
}

function isSums(value: unknown): value is Sums {
  return (
    Array.isArray(value) &&
    (value.length === 5 || value.length === 7) &&
    value.every((sum) => typeof sum === 'number')
  )
}

function nothing(): Sum {
  return fromSums([0, 0, 0, 0, 0])
}

function add(sum: Sum, more: JournalUsage): void {
  sum.calls += more.calls
  sum.inputTokens += more.inputTokens
  sum.outputTokens += more.outputTokens
  sum.costNanoUsd += more.costNanoUsd
  sum.unpricedCalls += more.unpricedCalls
  sum.cachedInputTokens += more.cachedInputTokens
  sum.reasoningTokens += more.reasoningTokens
}

function toSums(usage: JournalUsage): Sums {
  const { calls, inputTokens, outputTokens, costNanoUsd, unpricedCalls } = usage
  const { cachedInputTokens, reasoningTokens } = usage
  if (cachedInputTokens + reasoningTokens === 0)
    return [calls, inputTokens, outputTokens, costNanoUsd, unpricedCalls]
  return [
    calls,
    inputTokens,
    outputTokens,
    costNanoUsd,
    unpricedCalls,
    cachedInputTokens,
    reasoningTokens,
  ]
}

function fromSums(sums: Sums): Sum {
  const [calls, inputTokens, outputTokens, costNanoUsd, unpricedCalls] = sums
  const [, , , , , cachedInputTokens = 0, reasoningTokens = 0] = sums
  return {
    calls,
    inputTokens,
    outputTokens,
    costNanoUsd,
    unpricedCalls,
    cachedInputTokens,
    reasoningTokens,
  }
}
