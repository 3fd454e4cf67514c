import { leaseMilliseconds, noShare } from './lease.ts'
import type { Lease, LeaseAnswer, LeaseRequest, LeaseState, LimitName, Share } from './lease.ts'

/** How long a process keeps one of too few places while others have none. */
const turnMilliseconds = 5_000
/** Places of a process where only rates are told; the more, the less even the rates. */
const untoldPlaces = 16

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
  const cap = now < quietUntil ? (holds ?? noShare) : fair
  const share = toShare((name) => {
    const limit = limits[name]
    if (limit === null) return null
    const taken = others.reduce((sum, { uses }) => sum + (uses[name] ?? 0), 0)
    return Math.max(0, Math.min(fair[name] ?? limit, cap[name] ?? limit, limit - taken))
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
    uses,
    until: now + leaseMilliseconds,
    since: isSameTurn ? since : now,
  }
  return {
    state: { leases: [...others, lease], quietUntil },
    answer: {
      share,
      milliseconds: leaseMilliseconds,
      others: others.map(({ holder }) => holder),
    },
  }
}

/** Takes back what a process no longer needs. */
export function withoutLease(state: LeaseState, id: string): LeaseState {
  return { ...state, leases: state.leases.filter(({ holder }) => holder !== id) }
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

/** What a process gets when all have asked again: rates go with the places. */
function fairShare(claims: readonly Claim[], limits: Share, id: string, now: number): Share {
  const index = claims.findIndex(({ holder }) => holder === id)
  const count = limits.maxConcurrency ?? untoldPlaces * claims.length
  const places = fairPlaces(claims, count, now)
  const own = places[index] ?? 0
  const whole = places.reduce((sum, each) => sum + each, 0)
  return toShare((name) => {
    const limit = limits[name]
    if (limit === null) return null
    return name === 'maxConcurrency' ? own : (limit * own) / Math.max(1, whole)
  })
}

/**
 * Divides whole places: one for everybody, then by demand so that who wants little gets it and the rest get the same, then
 * what nobody wants in even parts. Where there are fewer places than processes, they take turns.
 */
function fairPlaces(claims: readonly Claim[], count: number, now: number): number[] {
  if (count < claims.length) {
    const served = new Set(byTurn(claims, now).slice(0, count))
    return claims.map((claim) => (served.has(claim) ? 1 : 0))
  }
  const places = claims.map(() => 1)
  const spread = (wants: readonly number[]) => {
    let free = count - places.reduce((sum, each) => sum + each, 0)
    const hungry = [...wants.keys()].toSorted((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0))
    for (const [served, index] of hungry.entries()) {
      // Rounded up, the odd places go to those who want most.
      const part = Math.min(wants[index] ?? 0, Math.floor(free / (hungry.length - served)))
      places[index] = (places[index] ?? 0) + part
      free -= part
    }
  }
  spread(claims.map(({ demand }) => Math.max(0, demand - 1)))
  spread(claims.map(() => count))
  return places
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
