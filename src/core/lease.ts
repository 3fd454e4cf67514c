/** How long a lease holds where it is not renewed. */
export const leaseMilliseconds = 10_000
/** How long a request may wait for news. */
export const longestPatienceMs = 5_000
/** How much of a limit has to change hands to be told at once. */
const notable = 0.1

/** What a limit group can limit. */
export const limitNames = ['maxConcurrency', 'requestsPerMinute', 'tokensPerMinute'] as const

/** One of {@link limitNames}. */
export type LimitName = (typeof limitNames)[number]

/** Limits, or a process's part of them; `null` where nobody told one. */
export type Share = Readonly<Record<LimitName, number | null>>

/** The share of who has none. */
export const noShare: Share = { maxConcurrency: 0, requestsPerMinute: 0, tokensPerMinute: 0 }

/** What a process asks a limit group for. */
export interface LeaseRequest {
  /** Names the process, and no other ever after it. */
  readonly holder: string
  /** Limits that its runs were told. */
  readonly told: Share
  /** The share that it keeps to until it is answered; `null` where it has none. */
  readonly holds: Share | null
  readonly inFlight: number
  readonly waiting: number
  /** Requests a minute that the provider's refusals taught it, for the whole group; `null` where they taught nothing. */
  readonly learned: number | null
  /** Whether it was told what refusals taught the others. */
  readonly hasHeard: boolean
  /** Holders that it knows to have ended. */
  readonly gone: readonly string[]
  /** Rises with each request of a holder: what an older one says is no longer so. */
  readonly sequence: number
  /** How long it waits for a share that differs from what it holds. */
  readonly patienceMs: number
}

/** How a process stands in its limit group. */
export interface Standing {
  /** How much of the whole group its share is, from 0 to 1. */
  readonly part: number
  /** Requests a minute that refusals taught the others, for the whole group. */
  readonly learned: number | null
}

/** What a process may use from here on. */
export interface LeaseAnswer extends Standing {
  readonly share: Share
  /** How long that holds, from when it was asked for. */
  readonly milliseconds: number
  /** The other processes that have a lease. */
  readonly others: readonly string[]
}

/** What a limit group knows of one process. */
export interface Lease {
  readonly holder: string
  readonly told: Share
  /** Calls in flight and waiting, when it last asked. */
  readonly demand: number
  readonly share: Share
  readonly part: number
  readonly learned: number | null
  readonly sequence: number
  /** The most that it may be using: more than its share until it has done what is in flight. */
  readonly uses: Share
  /** Milliseconds since 1970. */
  readonly until: number
  /** When it last got a place or lost its last one. */
  readonly since: number
}

/** What a limit group knows. */
export interface LeaseState {
  readonly leases: readonly Lease[]
  /** Until when nobody gets more than they hold; `null` before the first request. */
  readonly quietUntil: number | null
}

/** A limit group that nobody has asked for anything. */
export const noLeases: LeaseState = { leases: [], quietUntil: null }

/** What starts a limit group, and what it hands to itself when it continues as new. */
export interface LimitGroupInput {
  /** Its name, for people who look at it. */
  readonly group: string
  readonly state: LeaseState
}

/** Whether nothing is told, so that there is nothing to divide. */
export function isUntold(told: Share): boolean {
  return limitNames.every((name) => told[name] === null)
}

/** Whether an answer is worth telling before the process would ask again by itself. */
export function isNews(answer: LeaseAnswer, { told, holds, hasHeard }: LeaseRequest): boolean {
  if (!hasHeard && answer.learned !== null) return true
  return limitNames.some((name) => {
    const limit = told[name]
    if (limit === null) return false
    const [before, after] = [holds?.[name] ?? 0, answer.share[name] ?? 0]
    const isFirst = before === 0 && after > 0
    return isFirst || Math.abs(after - before) > limit * notable
  })
}

/** @throws TypeError where a request says what none can */
export function checkLeaseRequest(request: LeaseRequest): void {
  const { holder, told, holds, inFlight, waiting, learned, gone, sequence, patienceMs } = request
  if (!isName(holder)) throw wrong('holder', holder)
  for (const name of limitNames) {
    const limit = told[name]
    if (limit !== null && !(isAmount(limit) && limit > 0)) throw wrong(`told.${name}`, limit)
    const held = holds?.[name] ?? null
    if (held !== null && !isAmount(held)) throw wrong(`holds.${name}`, held)
  }
  if (told.maxConcurrency !== null && !Number.isSafeInteger(told.maxConcurrency))
    throw wrong('told.maxConcurrency', told.maxConcurrency)
  for (const [name, count] of Object.entries({ inFlight, waiting, sequence, patienceMs }))
    if (!(Number.isSafeInteger(count) && count >= 0)) throw wrong(name, count)
  if (patienceMs > longestPatienceMs) throw wrong('patienceMs', patienceMs)
  if (learned !== null && !(isAmount(learned) && learned > 0)) throw wrong('learned', learned)
  if (!Array.isArray(gone) || !gone.every(isName)) throw wrong('gone', gone)
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 200
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function wrong(name: string, value: unknown): TypeError {
  return new TypeError(
    `A request for a lease says ${JSON.stringify(value)} for '${name}', which it cannot be.`,
  )
}
