import fc from 'fast-check'
import { expect, test } from 'vitest'

import { divide, withoutLease } from '../../src/core/lease-division.ts'
import { leaseMilliseconds, noLeases } from '../../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, LeaseState, Share } from '../../src/core/lease.ts'

const places = (maxConcurrency: number): Share => ({
  maxConcurrency,
  requestsPerMinute: null,
  tokensPerMinute: null,
})

/** A limit group with processes that ask it; time goes on only when told. */
class Group {
  state: LeaseState = noLeases
  now = 1_000_000
  sequence = 0
  readonly processes = new Map<string, Process>()

  process(id: string, told: Share): Process {
    const known = this.processes.get(id) ?? new Process(this, id, told)
    this.processes.set(id, known)
    return known
  }

  /** All ask once, in the order of their names; twice, and what one gave up another has. */
  round(milliseconds = 1_000): void {
    this.now += milliseconds
    for (const process of this.processes.values()) process.ask()
  }

  sum(name: keyof Share): number {
    let sum = 0
    for (const process of this.processes.values()) sum += process.uses(name)
    return sum
  }
}

class Process {
  readonly group: Group
  readonly id: string
  readonly told: Share
  share: Share | null = null
  until = 0
  inFlight = 0
  waiting = 0
  learned: number | null = null
  others: readonly string[] = []

  constructor(group: Group, id: string, told: Share) {
    this.group = group
    this.id = id
    this.told = told
  }

  get held(): Share | null {
    return this.until > this.group.now ? this.share : null
  }

  uses(name: keyof Share): number {
    const held = this.held?.[name] ?? 0
    return this.held !== null && name === 'maxConcurrency' ? Math.max(held, this.inFlight) : held
  }

  request(gone: readonly string[] = []): LeaseRequest {
    const { id: holder, told, held: holds, inFlight, waiting, learned } = this
    const sequence = ++this.group.sequence
    return {
      holder,
      told,
      holds,
      inFlight,
      waiting,
      learned,
      hasHeard: false,
      gone,
      sequence,
      patienceMs: 0,
    }
  }

  ask(gone: readonly string[] = []): LeaseAnswer {
    const { state, answer } = divide(this.group.state, this.request(gone), this.group.now)
    this.group.state = state
    this.take(answer)
    return answer
  }

  take(answer: LeaseAnswer): void {
    this.share = answer.share
    this.others = answer.others
    this.until = this.group.now + answer.milliseconds
  }

  /** Starts as many of the waiting calls as it may. */
  start(): void {
    const room = Math.max(0, (this.held?.maxConcurrency ?? 0) - this.inFlight)
    const started = Math.min(room, this.waiting)
    this.inFlight += started
    this.waiting -= started
  }
}

const id = fc.constantFrom('a', 'b', 'c')
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask'), id }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask and start'), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('ask in vain'), id }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), id, count: fc.nat(40) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('start'), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('finish'), id, count: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('die'), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('return'), id }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('go on'), id, count: fc.nat(12_000) }) },
  ),
  { maxLength: 60, size: 'max' },
)
const told = fc.record({
  maxConcurrency: fc.option(fc.integer({ min: 1, max: 20 })),
  requestsPerMinute: fc.option(fc.integer({ min: 1, max: 1_000 })),
  tokensPerMinute: fc.option(fc.integer({ min: 1, max: 100_000 })),
})

test('whatever processes do, what they may use together never exceeds the limit', () => {
  fc.assert(
    fc.property(told, events, (limits, happening) => {
      const group = new Group()
      for (const event of happening) {
        const process = group.process(event.id, limits)
        const count = 'count' in event ? event.count : 0
        if (event.kind === 'ask') process.ask()
        if (event.kind === 'ask and start') {
          const { state, answer } = divide(group.state, process.request(), group.now)
          group.state = state
          // What starts before the answer is there starts under the share from before it.
          process.start()
          process.take(answer)
        }
        if (event.kind === 'ask in vain')
          group.state = divide(group.state, process.request(), group.now).state
        if (event.kind === 'wait') process.waiting += count
        if (event.kind === 'start') process.start()
        if (event.kind === 'finish') process.inFlight = Math.max(0, process.inFlight - count)
        if (event.kind === 'die') group.processes.delete(event.id)
        if (event.kind === 'return') {
          group.state = withoutLease(group.state, event.id)
          group.processes.delete(event.id)
        }
        if (event.kind === 'go on') group.now += count
        // Calls that outlive their lease are nobody's share.
        for (const each of group.processes.values()) if (each.held === null) each.inFlight = 0
        for (const name of ['maxConcurrency', 'requestsPerMinute', 'tokensPerMinute'] as const)
          expect(group.sum(name)).toBeLessThanOrEqual((limits[name] ?? 0) + 1e-6)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('whoever is alone gets all of it with the first answer', () => {
  const limits = { maxConcurrency: 10, requestsPerMinute: 1_200, tokensPerMinute: null }
  expect(new Group().process('a', limits).ask()).toEqual({
    share: limits,
    part: 1,
    learned: null,
    milliseconds: leaseMilliseconds,
    others: [],
  })
})

test('after two rounds everybody has the fair part of what they want, and together they have all', () => {
  const demands = fc.array(fc.nat(60), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(demands, fc.integer({ min: 6, max: 50 }), (wanted, limit) => {
      const group = new Group()
      for (const [index, waiting] of wanted.entries())
        group.process(String(index), places(limit)).waiting = waiting
      for (let round = 0; round < 3; round++) group.round()
      const shares = [...group.processes.values()].map(({ share }) => share?.maxConcurrency ?? 0)
      expect(shares.reduce((sum, each) => sum + each, 0)).toBe(limit)
      const most = Math.max(...shares)
      for (const [index, share] of shares.entries()) {
        expect(share).toBeGreaterThan(0)
        // Who has less than another by more than an odd place wants no more.
        if (share < most - 1) expect(share).toBeGreaterThanOrEqual(wanted[index] ?? 0)
      }
    }),
  )
})

test('where there are fewer places than processes everybody gets a turn, also beside idle ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 6 }), (limit, busy) => {
      const group = new Group()
      for (let index = 0; index < limit; index++) group.process(`idle ${index}`, places(limit))
      for (let index = 0; index < busy; index++)
        group.process(`busy ${index}`, places(limit)).waiting = 1_000
      const hadPlace = new Set<string>()
      for (let second = 0; second < 10 * (busy + 1); second++) {
        group.round()
        for (const { id, share, waiting } of group.processes.values())
          if (waiting > 0 && (share?.maxConcurrency ?? 0) > 0) hadPlace.add(id)
      }
      expect(hadPlace.size).toBe(busy)
    }),
  )
})

test('a newcomer gets what is free, and its part when the others have done what is in flight', () => {
  const group = new Group()
  const [a, b] = ['a', 'b'].map((name) => group.process(name, places(10))) as [Process, Process]
  for (const process of [a, b]) process.waiting = 100
  a.ask()
  a.start()
  expect(b.ask().share.maxConcurrency).toBe(0)
  expect(a.ask().share.maxConcurrency).toBe(5)
  expect(b.ask().share.maxConcurrency).toBe(0)
  a.inFlight = 7
  a.ask()
  expect(b.ask().share.maxConcurrency).toBe(3)
  a.inFlight = 5
  a.ask()
  expect(b.ask().share.maxConcurrency).toBe(5)
})

test('rates go with the places, and evenly where no concurrency is told', () => {
  const rates = { requestsPerMinute: 1_200, tokensPerMinute: 60_000 }
  for (const [maxConcurrency, demands, expected] of [
    [10, [2, 100], [240, 960]],
    [null, [80, 100], [600, 600]],
  ] as const) {
    const group = new Group()
    for (const [index, waiting] of demands.entries())
      group.process(String(index), { ...rates, maxConcurrency }).waiting = waiting
    for (let round = 0; round < 3; round++) group.round()
    const shares = [...group.processes.values()].map(({ share }) => share)
    expect(shares.map((share) => share?.requestsPerMinute)).toEqual(expected)
    expect(shares.map((share) => share?.tokensPerMinute)).toEqual(expected.map((rate) => 50 * rate))
  }
})

test('an answer tells what part of the group it is, and what refusals taught the others', () => {
  const group = new Group()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => group.process(name, places(10))) as [
    Process,
    Process,
    Process,
  ]
  for (const process of [a, b, c]) process.waiting = 100
  for (let round = 0; round < 3; round++) for (const process of [a, b]) process.ask()
  a.learned = 1_000
  b.learned = 2_000
  expect(a.ask()).toMatchObject({ part: 0.5, learned: null })
  expect(b.ask()).toMatchObject({ part: 0.5, learned: 1_000 })
  expect(a.ask()).toMatchObject({ part: 0.5, learned: 2_000 })
  expect(c.ask()).toMatchObject({ part: 0, learned: 1_500 })
})

test('a request that was overtaken by another of its holder changes nothing', () => {
  const group = new Group()
  const a = group.process('a', places(10))
  const late = a.request()
  a.inFlight = 10
  a.ask()
  const { state, answer } = divide(group.state, late, group.now)
  expect(state).toBe(group.state)
  expect(answer).toMatchObject({ share: places(10), milliseconds: 0 })
})

test('of what processes were told the smallest holds for all', () => {
  const group = new Group()
  for (const [name, limit] of Object.entries({ a: 40, b: 10 }))
    group.process(name, places(limit)).waiting = 100
  for (let round = 0; round < 3; round++) group.round()
  expect([...group.processes.values()].map(({ share }) => share?.maxConcurrency)).toEqual([5, 5])
})

test('what a dead process held comes back when its lease is over, or when another knows of its death', () => {
  const group = new Group()
  const [a, b] = ['a', 'b'].map((name) => group.process(name, places(10))) as [Process, Process]
  a.ask()
  group.processes.delete('a')
  group.now += leaseMilliseconds - 1
  expect(b.ask()).toMatchObject({ share: { maxConcurrency: 0 }, others: ['a'] })
  expect(b.ask(['a'])).toMatchObject({ share: { maxConcurrency: 10 }, others: [] })
  group.processes.clear()
  group.now += leaseMilliseconds
  expect(group.process('c', places(10)).ask()).toMatchObject({ share: { maxConcurrency: 10 } })
})

test('after a loss those who report keep what they hold, and nobody gets more for the time of a lease', () => {
  const group = new Group()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => group.process(name, places(10))) as [
    Process,
    Process,
    Process,
  ]
  for (const process of [a, b]) process.waiting = 100
  for (let round = 0; round < 3; round++) for (const process of [a, b]) process.ask()
  group.state = noLeases
  expect(a.ask().share.maxConcurrency).toBe(5)
  expect(c.ask().share.maxConcurrency).toBe(0)
  expect(b.ask().share.maxConcurrency).toBe(5)
  group.processes.delete('b')
  group.now += leaseMilliseconds - 1
  c.waiting = 100
  a.ask()
  expect(c.ask().share.maxConcurrency).toBe(0)
  group.now += 1
  expect(c.ask().share.maxConcurrency).toBe(5)
})
