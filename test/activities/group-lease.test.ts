import { beforeEach, expect, test } from 'vitest'

import { GroupLease } from '../../activities/group-lease.ts'
import { divide, withoutLease } from '../../src/core/lease-division.ts'
import { isNews, noLeases } from '../../src/core/lease.ts'
import type {
  LeaseAnswer,
  LeaseRequest,
  LeaseState,
  Share,
  Standing,
} from '../../src/core/lease.ts'
import { settle } from '../models/fake-clock.ts'

const places = (maxConcurrency: number | null): Share => ({
  maxConcurrency,
  requestsPerMinute: null,
  tokensPerMinute: null,
})

let now: number
let state: LeaseState
let requests: LeaseRequest[]
let ended: Set<string>
let troubles: number
let isReachable: boolean
/** Requests that wait for news. */
let waiters: (() => void)[]
/** Where it is set, answers wait for it. */
let held: Promise<void> | undefined

beforeEach(() => {
  now = 1_000_000
  state = noLeases
  requests = []
  ended = new Set()
  troubles = 0
  isReachable = true
  waiters = []
  held = undefined
})

/** A process with a limiter of which tests say what is going on, and its lease. */
function createProcess(name: string, told: Share) {
  let names = 0
  const limiter = {
    group: 'group',
    demanded: { inFlight: 0, waiting: 0 },
    toldNow: told,
    share: undefined as Share | undefined,
    standing: undefined as Standing | undefined,
    learnedNow: null as number | null,
    setShare(share: Share | undefined, standing?: Standing) {
      limiter.share = share
      limiter.standing = standing
    },
    learned: () => limiter.learnedNow,
    demand: () => limiter.demanded,
    told: () => limiter.toldNow,
  }
  const lease = new GroupLease(limiter, {
    now: () => now,
    name: () => `${name}${++names}`,
    hasEnded: (holder) => ended.has(holder),
    async request(_, request) {
      requests.push(request)
      await held
      if (!isReachable) throw new Error('There is no server.')
      return await answerTo(request)
    },
    async giveBack(_, holder) {
      state = withoutLease(state, holder)
    },
    onTrouble: () => void troubles++,
  })
  return { lease, limiter }
}

/** Answers as the limit group does, which waits for news. */
async function answerTo(request: LeaseRequest): Promise<LeaseAnswer> {
  const leaseOf = () => state.leases.find(({ holder }) => holder === request.holder)
  const isKnown = leaseOf() !== undefined
  const until = now + request.patienceMs
  const division = divide(state, request, now)
  state = division.state
  wake()
  const isWaiting = () =>
    isKnown && now < until && !isNews(divide(state, request, now).answer, request)
  while (isWaiting()) {
    await new Promise<void>((resolve) => waiters.push(resolve))
    if (!isReachable) throw new Error('There is no server.')
    if (leaseOf()?.sequence !== request.sequence) return division.answer
  }
  const last = divide(state, request, now)
  state = last.state
  return last.answer
}

function wake(): void {
  for (const resolve of waiters.splice(0)) resolve()
}

type Process = ReturnType<typeof createProcess>

/** Lets time go by as it does: everybody looks ten times a second. */
async function pass(milliseconds: number, ...processes: Process[]): Promise<void> {
  for (const end = now + milliseconds; now < end; now += 100) {
    for (const { lease } of processes) if (lease.isWanted) lease.look()
    wake()
    await settle()
  }
}

test('a lease is asked for at once, and renewed about every two seconds, or every second beside others', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await settle()
  expect(a.limiter.share).toEqual(places(10))
  await pass(6_050, a)
  expect(requests).toHaveLength(4)
  const b = createProcess('b', places(10))
  b.lease.use()
  await pass(2_000, a)
  requests = []
  await pass(5_000, a)
  expect(requests).toHaveLength(5)
})

test('it is asked for ahead of the first use, with what will be told', async () => {
  const a = createProcess('a', places(null))
  a.lease.expect(places(10))
  await settle()
  expect(a.limiter.share).toEqual(places(10))
})

test('where nothing is told nothing is asked, and no call waits', async () => {
  const a = createProcess('a', places(null))
  a.lease.use()
  await pass(5_000, a)
  expect(a.limiter.share).toEqual(places(null))
  expect(requests).toEqual([])
})

test('a limit that is told later is asked for at once', async () => {
  const a = createProcess('a', places(null))
  a.lease.use()
  a.limiter.toldNow = places(10)
  await pass(100, a)
  expect(a.limiter.share).toEqual(places(10))
  a.limiter.toldNow = places(20)
  await pass(100, a)
  expect(a.limiter.share).toEqual(places(20))
})

test('two that are short divide what there is within a second, and at no time have more', async () => {
  const [a, b] = [createProcess('a', places(10)), createProcess('b', places(10))]
  a.limiter.demanded = { inFlight: 10, waiting: 50 }
  a.lease.use()
  await pass(1_000, a)
  b.limiter.demanded = { inFlight: 0, waiting: 50 }
  b.lease.use()
  for (let step = 0; step < 12; step++) {
    await pass(100, a, b)
    for (const { limiter } of [a, b]) {
      const inFlight = limiter.share?.maxConcurrency ?? 0
      // One call in flight ends in each tenth of a second.
      const left = Math.max(limiter.demanded.inFlight - 1, inFlight)
      limiter.demanded = { inFlight: left, waiting: 50 }
    }
    expect(a.limiter.demanded.inFlight + b.limiter.demanded.inFlight).toBeLessThanOrEqual(10)
  }
  expect([a, b].map(({ limiter }) => limiter.share)).toEqual([places(5), places(5)])
})

test('who is given less says so as soon as it keeps to that, and another has the rest', async () => {
  const [a, b] = [createProcess('a', places(10)), createProcess('b', places(10))]
  a.limiter.demanded = { inFlight: 10, waiting: 50 }
  a.lease.use()
  await pass(500, a)
  b.limiter.demanded = { inFlight: 0, waiting: 50 }
  b.lease.use()
  await pass(300, a, b)
  expect(a.limiter.share).toEqual(places(5))
  expect(b.limiter.share).toEqual(places(0))
  a.limiter.demanded = { inFlight: 5, waiting: 50 }
  await pass(100, a, b)
  await settle()
  expect(b.limiter.share).toEqual(places(5))
})

test('who runs out of work says so at once, and another has what it leaves', async () => {
  const [a, b] = [createProcess('a', places(20)), createProcess('b', places(20))]
  for (const { limiter, lease } of [a, b]) {
    limiter.demanded = { inFlight: 0, waiting: 50 }
    lease.use()
  }
  await pass(3_000, a, b)
  expect([a, b].map(({ limiter }) => limiter.share)).toEqual([places(10), places(10)])
  a.limiter.demanded = { inFlight: 0, waiting: 0 }
  await pass(400, a, b)
  expect(b.limiter.share).toEqual(places(19))
})

test('what refusals taught one is told to the others, with the part that each has', async () => {
  const [a, b] = [createProcess('a', places(10)), createProcess('b', places(10))]
  a.limiter.demanded = { inFlight: 5, waiting: 50 }
  a.limiter.learnedNow = 1_200
  a.lease.use()
  await pass(500, a)
  b.limiter.demanded = { inFlight: 0, waiting: 50 }
  b.lease.use()
  await pass(1_000, a, b)
  expect(a.limiter.standing).toEqual({ part: 0.5, learned: null })
  expect(b.limiter.standing).toEqual({ part: 0.5, learned: 1_200 })
})

test('who cannot reach the limit group keeps what it had for a minute, and no more', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await pass(1_000, a)
  isReachable = false
  await pass(58_000, a)
  expect(a.limiter.share).toEqual(places(10))
  await pass(2_000, a)
  expect(a.limiter.share).toBeUndefined()
  isReachable = true
  await pass(1_000, a)
  expect(a.limiter.share).toEqual(places(10))
})

test('who has nothing waits until the limit group can be reached, and says so', async () => {
  isReachable = false
  const a = createProcess('a', places(10))
  a.lease.use()
  await pass(20_000, a)
  expect(a.limiter.share).toBeUndefined()
  expect(troubles).toBe(1)
  isReachable = true
  await pass(1_100, a)
  expect(a.limiter.share).toEqual(places(10))
})

test('a process that was frozen for longer than its lease has nothing when it goes on', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await pass(1_000, a)
  now += 10_000
  const waited = Promise.withResolvers<void>()
  held = waited.promise
  a.lease.look()
  expect(a.limiter.share).toBeUndefined()
  waited.resolve()
  await settle()
  expect(requests.at(-1)).toMatchObject({ holds: null })
  expect(a.limiter.share).toEqual(places(10))
})

test('it keeps nothing either where it could not reach the limit group before', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await pass(1_000, a)
  isReachable = false
  await pass(5_000, a)
  expect(a.limiter.share).toEqual(places(10))
  now += 10_000
  a.lease.look()
  expect(a.limiter.share).toBeUndefined()
})

test('an answer that comes when its lease is over counts for nothing', async () => {
  const waited = Promise.withResolvers<void>()
  held = waited.promise
  const a = createProcess('a', places(10))
  a.lease.use()
  now += 10_000
  waited.resolve()
  await settle()
  expect(a.limiter.share).toBeUndefined()
})

test('a share is given back when nothing has used it for ten seconds, and asked for anew under another name', async () => {
  const a = createProcess('a', places(10))
  const leave = a.lease.use()
  await pass(20_000, a)
  leave()
  await pass(9_000, a)
  expect(state.leases).toHaveLength(1)
  await pass(2_000, a)
  expect(state.leases).toEqual([])
  expect(a.limiter.share).toBeUndefined()
  const asked = requests.length
  await pass(10_000, a)
  expect(requests).toHaveLength(asked)
  a.lease.use()
  await settle()
  expect(a.limiter.share).toEqual(places(10))
  expect(requests.at(-1)).toMatchObject({ holder: 'a2', holds: null })
})

test('a share is given back at the end, also one that is on its way', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await a.lease.close()
  expect(a.limiter.share).toBeUndefined()
  await settle()
  const [holder] = requests.map((request) => request.holder)
  expect(holder).toBe('a1')
  expect(a.lease.isWanted).toBe(false)
})

test('what a process of this host held that has ended is free at once', async () => {
  const a = createProcess('a', places(10))
  a.lease.use()
  await settle()
  ended.add('a1')
  const b = createProcess('b', places(10))
  b.lease.use()
  await settle()
  expect(b.limiter.share).toEqual(places(10))
})
