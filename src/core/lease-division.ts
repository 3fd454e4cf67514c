import { leaseMilliseconds, noShare } from './lease.ts'
import type { Lease, LeaseAnswer, LeaseRequest, LeaseState, LimitName, Share } from './lease.ts'

/** How long a process keeps one of too few places while others have none. */
const turnMilliseconds = 5_000
/** Places of a process where only rates are told; the more, the less even the rates. */
const untoldPlaces = 16
/** How much of a rate goes to who wants none of it, for one that wants one place. */
const idleWeight = 0.5

/** What a request leads to. */
export interface Division {
  readonly state: LeaseState
  readonly answer: LeaseAnswer
}

/**
 * Grants a process its part of a limit group.
 *
 * Nobody gets what another may still use, so that the shares that hold never exceed the limit: a newcomer gets what is
 * free, and its fair part once the others asked again and were given less.
 */
export function divide(state: LeaseState, request: LeaseRequest, now: number): Division {
  const { holder: id, told, holds } = request
  const live = state.leases.filter(
    ({ holder, until }) => until > now && !request.gone.includes(holder),
  )
  const before = live.find(({ holder }) => holder === id)
  if (before !== undefined && before.sequence > request.sequence)
    return { state, answer: { ...toAnswer(before, live), milliseconds: 0 } }
  const others = live.filter(({ holder }) => holder !== id)
  const demand = request.inFlight + request.waiting
  const since = before?.since ?? now
  const all = [
    ...others,
    { holder: id, told, demand, since, share: before?.share ?? noShare },
  ].toSorted((a, b) => (a.holder < b.holder ? -1 : 1))
  // A server lost what it knew: until those who hold a share have said so, nobody gets more than they hold.
  const quietUntil = state.quietUntil ?? (holds === null ? now : now + leaseMilliseconds)
  const limits = smallestTold(all)
  const fair = fairShare(all, limits, id, now)
  const cap = now < quietUntil ? (holds ?? noShare) : fair.share
  const share = toShare((name) => {
    const limit = limits[name]
    if (limit === null) return null
    const taken = others.reduce((sum, { uses }) => sum + (uses[name] ?? 0), 0)
    return Math.max(0, Math.min(fair.share[name] ?? limit, cap[name] ?? limit, limit - taken))
  })
  // Until it has this answer it goes on with what it holds, and calls in flight cannot be taken back.
  const uses = toShare((name) =>
    Math.max(
      share[name] ?? 0,
      holds?.[name] ?? 0,
      name === 'maxConcurrency' ? request.inFlight : 0,
    ),
  )
  const hadPlace = before !== undefined && before.share.maxConcurrency !== 0
  const isSameTurn = before !== undefined && hadPlace === (share.maxConcurrency !== 0)
  const lease: Lease = {
    holder: id,
    told,
    demand,
    share,
    // Who may start no call yet has none of it.
    part: Object.values(share).includes(0) ? 0 : fair.part,
    learned: request.learned,
    sequence: request.sequence,
    uses,
    until: now + leaseMilliseconds,
    since: isSameTurn ? since : now,
  }
  const leases = [...others, lease]
  return { state: { leases, quietUntil }, answer: toAnswer(lease, leases) }
}

/** Takes back what a process no longer needs. */
export function withoutLease(state: LeaseState, id: string): LeaseState {
  return { ...state, leases: state.leases.filter(({ holder }) => holder !== id) }
}

function toAnswer({ holder, share, part }: Lease, leases: readonly Lease[]): LeaseAnswer {
  const others = leases.filter((lease) => lease.holder !== holder)
  return {
    share,
    part,
    learned: learnedBy(others),
    milliseconds: leaseMilliseconds,
    others: others.map((lease) => lease.holder),
  }
}

/** Who has more of the group saw more of what the provider permits. */
function learnedBy(leases: readonly Lease[]): number | null {
  let rates = 0
  let parts = 0
  for (const { learned, part } of leases) {
    if (learned === null) continue
    rates += learned * part
    parts += part
  }
  return parts > 0 ? rates / parts : null
}

/** What is fair for a process, and what part of the group that is. */
interface Fair {
  readonly share: Share
  readonly part: number
}

type Claim = Pick<Lease, 'holder' | 'told' | 'demand' | 'since' | 'share'>

function toShare(of: (name: LimitName) => number | null): Share {
  return {
    maxConcurrency: of('maxConcurrency'),
    requestsPerMinute: of('requestsPerMinute'),
    tokensPerMinute: of('tokensPerMinute'),
  }
}

function smallestTold(claims: readonly Claim[]): Share {
  return toShare((name) => {
    const told = claims.flatMap(({ told }) => told[name] ?? [])
    return told.length === 0 ? null : Math.min(...told)
  })
}

/** What a process gets when all have asked again: rates go with the places that are wanted. */
function fairShare(claims: readonly Claim[], limits: Share, id: string, now: number): Fair {
  const index = claims.findIndex(({ holder }) => holder === id)
  const count = limits.maxConcurrency ?? untoldPlaces * claims.length
  const wanted = wantedPlaces(claims, count, now)
  const places = count < claims.length ? wanted : spread(wanted, count, () => count)
  const weights = wanted.map((each, at) => (claims[at]?.demand === 0 ? each * idleWeight : each))
  const part = (weights[index] ?? 0) / Math.max(idleWeight, sum(weights))
  const share = toShare((name) => {
    const limit = limits[name]
    if (limit === null) return null
    return name === 'maxConcurrency' ? (places[index] ?? 0) : limit * part
  })
  return { share, part }
}

/**
 * Divides whole places: one for everybody, then by demand so that who wants little gets it and the rest get the same. Where
 * there are fewer places than processes, they take turns.
 */
function wantedPlaces(claims: readonly Claim[], count: number, now: number): number[] {
  if (count < claims.length) {
    const served = new Set(byTurn(claims, now).slice(0, count))
    return claims.map((claim) => (served.has(claim) ? 1 : 0))
  }
  const one = claims.map(() => 1)
  return spread(one, count, (index) => Math.max(0, (claims[index]?.demand ?? 0) - 1))
}

/** Adds what is free to places, evenly up to what each wants. */
function spread(
  places: readonly number[],
  count: number,
  wantOf: (index: number) => number,
): number[] {
  const spread = [...places]
  let free = count - sum(places)
  const hungry = [...places.keys()].toSorted((a, b) => wantOf(a) - wantOf(b))
  for (const [served, index] of hungry.entries()) {
    // Rounded up, the odd places go to those who want most.
    const part = Math.min(wantOf(index), Math.floor(free / (hungry.length - served)))
    spread[index] = (spread[index] ?? 0) + part
    free -= part
  }
  return spread
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

/** Who has had a place for a short while keeps it, then come those who have waited longest; the idle are last. */
function byTurn(claims: readonly Claim[], now: number): Claim[] {
  const rank = ({ demand, share, since }: Claim) => {
    if (demand === 0) return 3
    if (share.maxConcurrency === 0) return 1
    return now - since < turnMilliseconds ? 0 : 2
  }
  return claims.toSorted(
    (a, b) => rank(a) - rank(b) || (rank(a) === 1 ? a.since - b.since : b.since - a.since),
  )
}
