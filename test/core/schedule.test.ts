import fc from 'fast-check'
import { expect, test } from 'vitest'

import { batchesUnder, batchRange, countBatches } from '../../src/core/range.ts'
import type { Range } from '../../src/core/range.ts'
import { createSchedule } from '../../src/core/schedule.ts'
import type { BatchRef, ScheduledStep, Window } from '../../src/core/schedule.ts'
import { littleSteps } from './little-plan.ts'

const source: ScheduledStep = { batchSize: 1, after: [], limitGroup: null }
const wide: Window = { maxBatches: 1_000, groups: {} }
/** Every step but the source, over all positions of a shard. */
const all = (steps: readonly ScheduledStep[], shard: Range) => ({
  shard,
  extents: steps.map(() => shard.to),
  running: [...steps.keys()].slice(1),
})
const idOf = ({ step, batch }: BatchRef) => `${step}/${batch}`
const nothingStored = (steps: readonly ScheduledStep[]) =>
  steps.map(() => new Map<number, number>())

/** Starts what may start, then lets one batch that is going end; `choose` says which. */
function drain(
  steps: readonly ScheduledStep[],
  shard: Range,
  window: Window,
  options: {
    stored?: readonly ReadonlyMap<number, number>[]
    choose?: (going: number) => number
    rowsOf?: (batch: BatchRef) => number
    onStart?: (batch: BatchRef, going: readonly BatchRef[], done: ReadonlySet<string>) => void
    /** Called when nothing more may start. */
    onPause?: (going: readonly BatchRef[], done: ReadonlySet<string>) => void
  } = {},
): BatchRef[] {
  const { stored = nothingStored(steps), choose = () => 0, rowsOf = () => 1 } = options
  const schedule = createSchedule(steps, all(steps, shard), window, stored)
  const started: BatchRef[] = []
  const going: BatchRef[] = []
  const done = new Set(
    stored.flatMap((batches, step) => [...batches.keys()].map((batch) => idOf({ step, batch }))),
  )
  while (!schedule.isComplete) {
    for (let batch = schedule.next(); batch !== undefined; batch = schedule.next()) {
      options.onStart?.(batch, going, done)
      started.push(batch)
      going.push(batch)
    }
    expect(going.length, 'the schedule stands still').toBeGreaterThan(0)
    options.onPause?.(going, done)
    const [ended] = going.splice(choose(going.length) % going.length, 1)
    if (ended === undefined) break
    done.add(idOf(ended))
    schedule.done(ended, rowsOf(ended))
  }
  expect(going).toEqual([])
  expect(schedule.next()).toBeUndefined()
  return started
}

const allBatches = (steps: readonly ScheduledStep[], shard: Range) =>
  steps.flatMap(({ batchSize }, step) =>
    step === 0
      ? []
      : Array.from({ length: countBatches(shard, batchSize) }, (_, batch) => ({ step, batch })),
  )

const limitGroup = fc.option(fc.constantFrom('a', 'b'))
const scheduled = fc
  .tuple(littleSteps, fc.array(limitGroup, { minLength: 6, maxLength: 6 }))
  .map(([steps, groups]): ScheduledStep[] => [
    source,
    ...steps.map((step, index) => ({ ...step, limitGroup: groups[index] ?? null })),
  ])
const shards = fc
  .tuple(fc.nat(3), fc.integer({ min: 1, max: 40 }))
  .map(([index, rows]) => ({ from: index * 40, to: index * 40 + rows }))
const group = fc.record({ rows: fc.nat(20), minBatches: fc.integer({ min: 1, max: 3 }) })
const windows = fc.record({
  maxBatches: fc.integer({ min: 1, max: 8 }),
  groups: fc.record({ a: group, b: group }, { requiredKeys: [] }),
})
const choices = fc.array(fc.nat(100), { minLength: 1, maxLength: 20 })

test('every batch starts once, behind the chunks under it and as soon as the window has room', () => {
  fc.assert(
    fc.property(scheduled, shards, windows, choices, (steps, shard, window, order) => {
      let turn = 0
      // Each step hands on as many rows as it gets, so that a batch weighs what its range holds.
      const rowsOf = ({ step, batch }: BatchRef) => {
        const { from, to } = batchRange(shard, steps[step]?.batchSize ?? 1, batch)
        return to - from
      }
      /** Whether the window has room for a batch of the same group beside those that are going. */
      const hasRoom = (batch: BatchRef, going: readonly BatchRef[], tolerance: number) => {
        if (going.length >= window.maxBatches) return false
        const name = steps[batch.step]?.limitGroup
        const limit = name === 'a' || name === 'b' ? window.groups[name] : undefined
        const peers = going.filter(({ step }) => steps[step]?.limitGroup === name)
        if (limit === undefined || peers.length < limit.minBatches) return true
        return peers.reduce((sum, peer) => sum + rowsOf(peer), 0) < limit.rows + tolerance
      }
      const started = drain(steps, shard, window, {
        rowsOf,
        choose: () => order[turn++ % order.length] ?? 0,
        onStart(batch, going, done) {
          expect(hasRoom(batch, going, 1e-6)).toBe(true)
          for (const id of under(steps, shard, batch)) expect(done).toContain(id)
        },
        onPause(going, done) {
          const known = new Set([...done, ...going.map(idOf)])
          for (const batch of allBatches(steps, shard)) {
            const isReady = under(steps, shard, batch).every((id) => done.has(id))
            if (isReady && !known.has(idOf(batch)))
              expect(hasRoom(batch, going, -1e-6), idOf(batch)).toBe(false)
          }
        },
      })
      expect(started.map(idOf).toSorted()).toEqual(allBatches(steps, shard).map(idOf).toSorted())
    }),
    { numRuns: 300 },
  )
})

test('what is stored never starts, and what is missing does', () => {
  const picks = fc.array(fc.boolean(), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(scheduled, shards, picks, (steps, shard, isStored) => {
      const all = allBatches(steps, shard)
      const stored = nothingStored(steps)
      for (const [index, { step, batch }] of all.entries())
        if (isStored[index % isStored.length] === true) stored[step]?.set(batch, 1)
      const missing = all.filter(({ step, batch }) => stored[step]?.has(batch) === false)
      const started = drain(steps, shard, wide, { stored })
      expect(started.map(idOf).toSorted()).toEqual(missing.map(idOf).toSorted())
    }),
  )
})

test('a shard that is stored whole is complete at once', () => {
  const steps = [source, { batchSize: 5, after: [0], limitGroup: null }]
  const shard = { from: 0, to: 10 }
  const stored = [new Map(), new Map([0, 1].map((batch) => [batch, 5]))]
  const schedule = createSchedule(steps, all(steps, shard), wide, stored)
  expect(schedule.isComplete).toBe(true)
  expect(schedule.next()).toBeUndefined()
})

test('the smallest position goes first, and at one position the latest step', () => {
  const steps: ScheduledStep[] = [
    source,
    { batchSize: 5, after: [0], limitGroup: null },
    { batchSize: 5, after: [1], limitGroup: null },
  ]
  const window = { maxBatches: 1, groups: {} }
  const started = drain(steps, { from: 0, to: 15 }, window)
  expect(started.map(idOf)).toEqual(['1/0', '2/0', '1/1', '2/1', '1/2', '2/2'])
})

test('of branches that stand at one position the last goes first', () => {
  const steps: ScheduledStep[] = [
    source,
    { batchSize: 5, after: [0], limitGroup: null },
    { batchSize: 5, after: [0], limitGroup: null },
  ]
  const started = drain(steps, { from: 0, to: 10 }, { maxBatches: 1, groups: {} })
  expect(started.map(idOf)).toEqual(['2/0', '1/0', '2/1', '1/1'])
})

test('a batch that ends early does not hold up what is ready behind it', () => {
  const steps: ScheduledStep[] = [
    source,
    { batchSize: 5, after: [0], limitGroup: null },
    { batchSize: 5, after: [1], limitGroup: null },
  ]
  const schedule = createSchedule(
    steps,
    all(steps, { from: 0, to: 15 }),
    wide,
    nothingStored(steps),
  )
  const first = [schedule.next(), schedule.next(), schedule.next()]
  expect(first).toEqual([0, 1, 2].map((batch) => ({ step: 1, batch })))
  expect(schedule.next()).toBeUndefined()
  schedule.done({ step: 1, batch: 2 }, 5)
  expect(schedule.next()).toEqual({ step: 2, batch: 2 })
})

test('a full group leaves room for steps of other groups and of none', () => {
  const steps: ScheduledStep[] = [
    source,
    { batchSize: 5, after: [0], limitGroup: 'a' },
    { batchSize: 5, after: [0], limitGroup: 'b' },
    { batchSize: 5, after: [0], limitGroup: null },
  ]
  const window = { maxBatches: 10, groups: { a: { rows: 5, minBatches: 1 } } }
  const schedule = createSchedule(
    steps,
    all(steps, { from: 0, to: 10 }),
    window,
    nothingStored(steps),
  )
  const started: string[] = []
  for (let batch = schedule.next(); batch !== undefined; batch = schedule.next())
    started.push(idOf(batch))
  expect(started.toSorted()).toEqual(['1/0', '2/0', '2/1', '3/0', '3/1'])
})

test('a batch behind an expander weighs what its input chunks hold', () => {
  const steps: ScheduledStep[] = [
    source,
    { batchSize: 5, after: [0], limitGroup: null },
    { batchSize: 5, after: [1], limitGroup: 'a' },
  ]
  const window = { maxBatches: 10, groups: { a: { rows: 20, minBatches: 1 } } }
  const stored = [new Map(), new Map([0, 1, 2, 3].map((batch) => [batch, 10])), new Map()]
  const schedule = createSchedule(steps, all(steps, { from: 0, to: 20 }), window, stored)
  expect([schedule.next(), schedule.next(), schedule.next()]).toEqual([
    { step: 2, batch: 0 },
    { step: 2, batch: 1 },
    undefined,
  ])
})

/** Ids of the chunks that a batch is made of. */
function under(steps: readonly ScheduledStep[], shard: Range, { step, batch }: BatchRef): string[] {
  const own = steps[step]
  if (own === undefined) return []
  const range = batchRange(shard, own.batchSize, batch)
  return own.after.flatMap((before) => {
    if (before === 0) return []
    const { first, last } = batchesUnder(shard, steps[before]?.batchSize ?? 1, range)
    return Array.from({ length: last - first + 1 }, (_, index) =>
      idOf({ step: before, batch: first + index }),
    )
  })
}
