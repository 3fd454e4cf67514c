import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isWithin, noAmount, sumOf } from '../../../src/storage/budget/amount.ts'
import { BudgetShare } from '../../../src/storage/budget/budget-share.ts'
import { capAmount, closeBlocks, openLedger, spentOf } from '../../../src/storage/budget/ledger.ts'
import type { Caps } from '../../../src/storage/budget/ledger.ts'
import { identityOf } from '../../../src/storage/process-identity.ts'
import { LittleFleet } from './little-fleet.ts'
import type { LittleCall } from './little-fleet.ts'

const call: fc.Arbitrary<LittleCall> = fc
  .record({
    nanoUsd: fc.integer({ min: 1, max: 50 }),
    tokens: fc.integer({ min: 1, max: 50 }),
    share: fc.constantFrom(0, 0.1, 0.5, 1),
  })
  .map(({ nanoUsd, tokens, share }) => ({
    worst: { nanoUsd, tokens },
    used: { nanoUsd: Math.floor(nanoUsd * share), tokens: Math.floor(tokens * share) },
  }))

const caps: fc.Arbitrary<Caps> = fc.oneof(
  fc.record({ nanoUsd: fc.integer({ min: 1, max: 600 }), tokens: fc.constant(null) }),
  fc.record({ nanoUsd: fc.constant(null), tokens: fc.integer({ min: 1, max: 600 }) }),
  fc.record({
    nanoUsd: fc.integer({ min: 1, max: 600 }),
    tokens: fc.integer({ min: 1, max: 600 }),
  }),
)

type Happening = readonly [
  what: 'begin' | 'settle' | 'fail' | 'read' | 'write' | 'kill' | 'raise',
  worker: number,
]

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom('begin', 'settle', 'read', 'write') },
      { weight: 1, arbitrary: fc.constantFrom('kill', 'raise', 'fail') },
    ),
    fc.nat(3),
  ),
  { maxLength: 300 },
)

/** Lets anything happen in any order, and checks after each that the caps hold. */
function live(fleet: LittleFleet, happenings: readonly Happening[]): void {
  for (const [what, index] of happenings) {
    const worker = fleet.workers[index % fleet.workers.length]
    if (worker === undefined) continue
    if (what === 'begin') fleet.begin(worker)
    else if (what === 'settle') fleet.settle(worker)
    else if (what === 'fail') fleet.settle(worker, true)
    else if (what === 'read') fleet.read(worker)
    else if (what === 'write') fleet.write(worker)
    else if (what === 'kill') fleet.kill(worker)
    else
      fleet.caps = {
        nanoUsd: fleet.caps.nanoUsd === null ? null : fleet.caps.nanoUsd + 50,
        tokens: fleet.caps.tokens === null ? null : fleet.caps.tokens + 50,
      }
    expect(isWithin(fleet.atMost, capAmount(fleet.caps))).toBe(true)
  }
}

/** Lets every worker go on in turn until all calls are made or one can never make its next one. */
function finish(fleet: LittleFleet): LittleCall | undefined {
  for (let round = 0; round < 2_000; round++) {
    for (const worker of fleet.workers.filter(({ isDead }) => !isDead)) {
      const isOver = fleet.read(worker)
      if (fleet.write(worker) && isOver) return worker.calls[0]
      while (fleet.begin(worker));
      expect(isWithin(fleet.atMost, capAmount(fleet.caps))).toBe(true)
      // Answers come one by one, so that workers get into each other's way.
      fleet.settle(worker)
    }
    if (fleet.isDone) return undefined
  }
  throw new Error('They never come to an end.')
}

const amount = fc.record({ nanoUsd: fc.nat(300), tokens: fc.nat(300) })
const callsOfWorkers = fc.array(fc.array(call, { maxLength: 20 }), { minLength: 1, maxLength: 4 })

test('whatever workers do and in whatever order, they never spend more than the caps, and they stop only when the next call does not fit', () => {
  fc.assert(
    fc.property(caps, callsOfWorkers, amount, happenings, (caps, calls, ahead, happenings) => {
      const fleet = new LittleFleet(caps, calls)
      fleet.ahead = ahead
      live(fleet, happenings)
      const next = finish(fleet)
      if (next === undefined) return
      expect(fleet.workers.some((one) => !one.isDead && one.inFlight.length > 0)).toBe(false)
      expect(isWithin(sumOf([fleet.known, next.worst]), capAmount(fleet.caps))).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('where the caps suffice for all calls, all are made, however many workers share them', () => {
  fc.assert(
    fc.property(callsOfWorkers, amount, happenings, (calls, ahead, happenings) => {
      const all = calls.flat()
      const used = sumOf(all.map((each) => each.used)).tokens
      // What all of them cost, and room for the last one's worst case.
      const tokens = used + Math.max(0, ...all.map(({ worst }) => worst.tokens))
      const fleet = new LittleFleet({ nanoUsd: null, tokens }, calls)
      fleet.ahead = ahead
      const harmless = happenings.filter(([what]) => !['kill', 'raise', 'fail'].includes(what))
      live(fleet, harmless)
      expect(finish(fleet)).toBeUndefined()
      expect(fleet.paid.tokens).toBe(used)
    }),
    { numRuns: 300 },
  )
})

const little = { worst: { nanoUsd: 0, tokens: 100 }, used: { nanoUsd: 0, tokens: 10 } }
const dear = { worst: { nanoUsd: 0, tokens: 900 }, used: { nanoUsd: 0, tokens: 900 } }

function littles(count: number): LittleCall[] {
  return Array.from({ length: count }, () => little)
}

function look(fleet: LittleFleet, worker: number): void {
  const looking = fleet.workers[worker]
  if (looking === undefined) throw new Error(`There is no worker ${worker}.`)
  fleet.read(looking)
  expect(fleet.write(looking)).toBe(true)
}

function begin(fleet: LittleFleet, worker: number): boolean {
  const beginning = fleet.workers[worker]
  return beginning !== undefined && fleet.begin(beginning)
}

function drawn(fleet: LittleFleet, worker: number): number | undefined {
  const { share } = fleet.workers[worker] ?? {}
  return share && fleet.ledger.blocks[share.block]?.drawn.tokens
}

test("a dead worker's block counts in full, until the cap is raised and its answers are counted", () => {
  const fleet = new LittleFleet({ nanoUsd: null, tokens: 250 }, [littles(10)])
  look(fleet, 0)
  expect([begin(fleet, 0), begin(fleet, 0)]).toEqual([true, true])
  fleet.workers.slice().forEach((worker) => fleet.kill(worker))
  expect(finish(fleet)).toBe(little)
  expect(fleet.paid.tokens).toBe(20)
  expect(fleet.lost.tokens).toBeGreaterThanOrEqual(200)
  fleet.caps = { nanoUsd: null, tokens: 251 }
  expect(finish(fleet)).toBeUndefined()
  expect(fleet.lost.tokens).toBe(0)
  expect(fleet.paid.tokens).toBe(120)
})

test('what one worker has drawn ahead is put back when another one waits', () => {
  const fleet = new LittleFleet({ nanoUsd: null, tokens: 1_000 }, [littles(3), [dear]])
  look(fleet, 0)
  expect(drawn(fleet, 0)).toBe(300)
  look(fleet, 1)
  expect(begin(fleet, 1)).toBe(false)
  while (begin(fleet, 0));
  for (const worker of fleet.workers) for (const _ of Array(3)) fleet.settle(worker)
  look(fleet, 0)
  expect(drawn(fleet, 0)).toBe(30)
  look(fleet, 1)
  expect(begin(fleet, 1)).toBe(true)
})

test('while what a worker puts back is being written, it spends only what it keeps', () => {
  const fleet = new LittleFleet({ nanoUsd: null, tokens: 1_000 }, [[little], [dear]])
  look(fleet, 0)
  const [first] = fleet.workers
  if (first === undefined) throw new Error('There is one.')
  const [call] = first.calls.splice(0)
  look(fleet, 1)
  fleet.read(first)
  if (call !== undefined) first.calls.push(call)
  expect(fleet.begin(first)).toBe(false)
  expect(fleet.write(first)).toBe(true)
  look(fleet, 1)
  expect(begin(fleet, 1)).toBe(true)
})

test('under a lower cap nothing is spent of what was drawn under the higher one', () => {
  const fleet = new LittleFleet({ nanoUsd: null, tokens: 10_000 }, [littles(5)])
  look(fleet, 0)
  expect(begin(fleet, 0)).toBe(true)
  fleet.caps = { nanoUsd: null, tokens: 150 }
  fleet.workers[0]?.share.setCaps(fleet.caps)
  expect(begin(fleet, 0)).toBe(false)
  look(fleet, 0)
  expect(begin(fleet, 0)).toBe(false)
  expect(drawn(fleet, 0)).toBe(100)
})

test('what a worker spent before the run had a budget counts once, although the journal knows it, too', () => {
  const share = new BudgetShare('a', identityOf())
  share.take(little.worst)
  share.settle(little.worst, little.used)
  const caps = { nanoUsd: null, tokens: 120 }
  share.setCaps(caps)
  const known = closeBlocks(
    openLedger(caps),
    { a: little.used, b: little.used, '': little.used },
    () => false,
  )
  const waiting = [little.worst]
  const look = { waiting, isIdle: false, ahead: noAmount, now: 0, isGone: () => false }
  const { ledger, isOver } = share.change(known, caps, look)
  expect(isOver).toBe(true)
  expect(spentOf(ledger, () => false).tokens).toBe(30)
  const roomy = share.change(known, { ...caps, tokens: 130 }, look)
  expect(roomy.isOver).toBe(false)
})

test('a worker that makes no more calls puts back what it has drawn ahead, and tells what it spent', () => {
  const fleet = new LittleFleet({ nanoUsd: null, tokens: 100_000 }, [[little]])
  fleet.ahead = { nanoUsd: 0, tokens: 5_000 }
  look(fleet, 0)
  expect(drawn(fleet, 0)).toBe(5_100)
  begin(fleet, 0)
  for (const worker of fleet.workers) fleet.settle(worker)
  look(fleet, 0)
  look(fleet, 0)
  expect(drawn(fleet, 0)).toBe(10)
  expect(fleet.known.tokens).toBe(10)
})
