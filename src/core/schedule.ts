import { batchesUnder, batchRange, clipRange, countBatches } from './range.ts'
import type { Range } from './range.ts'

/** What of a step decides when its batches may run. */
export interface ScheduledStep {
  readonly batchSize: number
  /** Indexes of the steps that it reads. */
  readonly after: readonly number[]
  /** Name of the limit group of its model, `null` where it asks none. */
  readonly limitGroup: string | null
  /** How much of the rows of the step before it it gets, about; 1 where this is left out. */
  readonly share?: number
}

/** What of a shard is scheduled. */
export interface ScheduledShard {
  readonly shard: Range
  /** For each step, how many positions its rows have. */
  readonly extents: readonly number[]
  /** Indexes of the steps that are run; the rows of all others are there. */
  readonly running: readonly number[]
}

/** How much may be going at once in one lane. */
export interface Window {
  /** Most batches, whatever they do. */
  readonly maxBatches: number
  /** For each limit group: rows of model work that are kept going, and batches that are whatever their size. */
  readonly groups: Readonly<Record<string, { readonly rows: number; readonly minBatches: number }>>
}

/** One batch of a shard. */
export interface BatchRef {
  readonly step: number
  readonly batch: number
}

/** Decides which batch of a shard runs next. */
export interface Schedule {
  /** The batch to start, or `undefined` while nothing may start. */
  next(): BatchRef | undefined
  /** Notes a batch's stored rows. */
  done(batch: BatchRef, rows: number): void
  readonly isComplete: boolean
}

const lookahead = 256

/**
 * Plans a shard's batches: one is ready when the chunks under its range are there; of those that are
 * ready, the one with the smallest position goes first, and at one position the latest step.
 *
 * @param stored - for each step, the rows of its batches that are stored already
 */
export function createSchedule(
  steps: readonly ScheduledStep[],
  { shard, extents, running: runningSteps }: ScheduledShard,
  window: Window,
  stored: readonly ReadonlyMap<number, number>[],
): Schedule {
  const rowsOf = stored.map((known) => new Map(known))
  const started = stored.map((known) => new Set(known.keys()))
  const heads = steps.map(() => 0)
  const ranges = steps.map((_, step) => clipRange(shard, extents[step] ?? 0))
  const rangeOf = (step: number) => ranges[step] ?? shard
  const isRunning = steps.map((_, step) => runningSteps.includes(step))
  const counts = steps.map(({ batchSize }, step) =>
    isRunning[step] === true ? countBatches(rangeOf(step), batchSize) : 0,
  )
  const weights = new Map<string, number>()
  const going = new Map<string, { rows: number; batches: number }>()
  let running = 0
  let left =
    counts.reduce((sum, count) => sum + count, 0) -
    stored.reduce((sum, known) => sum + known.size, 0)

  /** Rows that a batch will get, or `undefined` while a chunk under it is missing. */
  const weigh = (index: number, batch: number): number | undefined => {
    const step = steps[index]
    if (step === undefined) return undefined
    const positions = batchRange(rangeOf(index), step.batchSize, batch)
    let most = step.after.length === 0 ? positions.to - positions.from : 0
    for (const before of step.after) {
      const size = steps[before]?.batchSize ?? 1
      const range = clipRange(positions, rangeOf(before).to)
      let rows = isRunning[before] === true ? 0 : range.to - range.from
      if (isRunning[before] === true && range.to > range.from) {
        const { first, last } = batchesUnder(rangeOf(before), size, range)
        for (let under = first; under <= last; under++) {
          const known = rowsOf[before]?.get(under)
          if (known === undefined) return undefined
          const whole = batchRange(rangeOf(before), size, under)
          const overlap = Math.min(whole.to, range.to) - Math.max(whole.from, range.from)
          rows += (known * overlap) / (whole.to - whole.from)
        }
      }
      most = Math.max(most, rows)
    }
    return most * (step.share ?? 1)
  }

  const hasRoom = (group: string | null) => {
    if (running >= window.maxBatches) return false
    const limit = group === null ? undefined : window.groups[group]
    const now = group === null ? undefined : going.get(group)
    return (
      limit === undefined ||
      now === undefined ||
      now.batches < limit.minBatches ||
      now.rows < limit.rows
    )
  }

  const candidate = (index: number): { batch: number; from: number; rows: number } | undefined => {
    const step = steps[index]
    const count = counts[index] ?? 0
    if (step === undefined || !hasRoom(step.limitGroup)) return undefined
    let head = heads[index] ?? 0
    while (head < count && started[index]?.has(head) === true) head++
    heads[index] = head
    for (let batch = head; batch < Math.min(count, head + lookahead); batch++) {
      if (started[index]?.has(batch) === true) continue
      const rows = weigh(index, batch)
      if (rows !== undefined)
        return { batch, from: batchRange(rangeOf(index), step.batchSize, batch).from, rows }
    }
    return undefined
  }

  return {
    next() {
      let best: { step: number; batch: number; from: number; rows: number } | undefined
      for (let step = steps.length - 1; step >= 0; step--) {
        if (isRunning[step] !== true) continue
        const found = candidate(step)
        if (found !== undefined && (best === undefined || found.from < best.from))
          best = { step, ...found }
      }
      if (best === undefined) return undefined
      const { step, batch, rows } = best
      started[step]?.add(batch)
      running++
      const group = steps[step]?.limitGroup ?? null
      if (group !== null) {
        const now = going.get(group) ?? { rows: 0, batches: 0 }
        going.set(group, { rows: now.rows + rows, batches: now.batches + 1 })
        weights.set(`${step}/${batch}`, rows)
      }
      return { step, batch }
    },
    done({ step, batch }, rows) {
      rowsOf[step]?.set(batch, rows)
      running--
      left--
      const group = steps[step]?.limitGroup ?? null
      const now = group === null ? undefined : going.get(group)
      if (group === null || now === undefined) return
      const id = `${step}/${batch}`
      going.set(group, { rows: now.rows - (weights.get(id) ?? 0), batches: now.batches - 1 })
      weights.delete(id)
    },
    get isComplete() {
      return left === 0
    },
  }
}
