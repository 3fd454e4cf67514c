import { type Share, limitNames } from '../../core/lease.ts'
import type { LLMLimits } from '../../core/llm-spec.ts'

/** A run's part in a limit group. */
export interface Membership {
  /** Changes what the run was told, while its calls go on. */
  update(limits: LLMLimits | undefined): void
  leave(): void
}

/** What the members of a limit group were told, and this process's share of it. */
export class GroupLimits {
  readonly #isShared: boolean
  readonly #changed: () => void
  readonly #members = new Map<symbol, LLMLimits>()
  #told: Share = { maxConcurrency: null, requestsPerMinute: null, tokensPerMinute: null }
  #share: Share | undefined

  constructor(isShared: boolean, changed: () => void) {
    this.#isShared = isShared
    this.#changed = changed
  }

  join(limits: LLMLimits = {}): Membership {
    const member = Symbol()
    const set = (limits: LLMLimits) => {
      this.#members.set(member, limits)
      this.#update()
    }
    set(limits)
    return {
      update: (limits = {}) => {
        if (this.#members.has(member)) set(limits)
      },
      leave: () => {
        if (this.#members.delete(member)) this.#update()
      },
    }
  }

  setShare(share: Share | undefined): void {
    this.#share = share
    this.#changed()
  }

  /** The smallest setting of all members, also of the last ones to leave. */
  get told(): Share {
    return this.#told
  }

  get share(): Share | undefined {
    return this.#share
  }

  /** Whether this process knows what it may use. */
  get isKnown(): boolean {
    return !this.#isShared || this.#share !== undefined
  }

  /** What this process keeps to. */
  get bounds(): Share {
    return this.#share === undefined ? this.#told : smallestOf([this.#told, this.#share])
  }

  #update(): void {
    // Between two batches nobody is there, and what was told goes on.
    if (this.#members.size === 0) return
    this.#told = smallestOf([...this.#members.values()])
    this.#changed()
  }
}

type Limits = { readonly [Name in keyof Share]?: number | null }

function smallestOf(limits: readonly Limits[]): Share {
  const [maxConcurrency, requestsPerMinute, tokensPerMinute] = limitNames.map((name) => {
    const told = limits.map((each) => each[name] ?? null).filter((value) => value !== null)
    return told.length === 0 ? null : Math.min(...told)
  })
  return {
    maxConcurrency: maxConcurrency ?? null,
    requestsPerMinute: requestsPerMinute ?? null,
    tokensPerMinute: tokensPerMinute ?? null,
  }
}
