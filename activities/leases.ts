import { isUntold } from '../src/core/lease.ts'
import type { Share } from '../src/core/lease.ts'
import { GroupLease } from './group-lease.ts'
import type { LeaseRequests, SharedLimiter } from './group-lease.ts'

const lookMilliseconds = 100

/** The leases of a process, one for each limit group that was told a limit. */
export class Leases {
  readonly #requests: LeaseRequests
  readonly #byLimiter = new Map<SharedLimiter, GroupLease>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(requests: LeaseRequests) {
    this.#requests = requests
  }

  /** Asks for a limiter's share ahead of its first call. */
  expect(limiter: SharedLimiter, told: Share): void {
    if (this.#isClosed || isUntold(told)) return
    this.#of(limiter).expect(told)
    this.#look()
  }

  /** Keeps a limiter's share until the returned function is called; calls wait until there is one. */
  use(limiter: SharedLimiter): () => void {
    if (this.#isClosed) return () => {}
    const leave = this.#of(limiter).use()
    this.#look()
    return leave
  }

  /** Gives all shares back. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await Promise.all([...this.#byLimiter.values()].map((lease) => lease.close()))
  }

  #of(limiter: SharedLimiter): GroupLease {
    const known = this.#byLimiter.get(limiter)
    const lease = known ?? new GroupLease(limiter, this.#requests)
    this.#byLimiter.set(limiter, lease)
    return lease
  }

  /** Looks after them while any is wanted; a process that asks nothing has no timer. */
  #look(): void {
    this.#timer ??= setInterval(() => {
      const wanted = [...this.#byLimiter.values()].filter((lease) => lease.isWanted)
      for (const lease of wanted) lease.look()
      if (wanted.length > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }, lookMilliseconds)
    this.#timer.unref()
  }
}
