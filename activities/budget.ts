import { randomBytes } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import { isRetortError, RetortError } from '../src/core/errors.ts'
import type { Budget } from '../src/core/run-settings.ts'
import { systemClock } from '../src/core/clock.ts'
import type { Clock } from '../src/core/clock.ts'
import { isWithin, noAmount } from '../src/storage/budget/amount.ts'
import type { Amount } from '../src/storage/budget/amount.ts'
import { BudgetShare } from '../src/storage/budget/budget-share.ts'
import { SpendingPace } from '../src/storage/budget/spending-pace.ts'
import { changeLedger } from '../src/storage/budget/ledger-store.ts'
import { capAmount, capsOf, closeBlocks, openLedger } from '../src/storage/budget/ledger.ts'
import type { Block, UsageByBlock } from '../src/storage/budget/ledger.ts'
import { isGone } from '../src/storage/budget/rebuild-budget.ts'
import { identityOf } from '../src/storage/process-identity.ts'
import type { ProcessIdentity } from '../src/storage/process-identity.ts'
import type { Store } from '../src/storage/store.ts'
import { budgetSpent } from './budget-spent.ts'

/** Looks at the ledger that may follow each other at once, and milliseconds in which there are no more. */
const looksAtOnce = 4
const looksMilliseconds = 2_000
const waitMilliseconds = 500
const idleMilliseconds = 1_000
const budgetsAtHand = 256

/** What a call may cost at most, set aside until it is known what it did cost. */
export interface Reservation {
  /** The block of the run's budget that the call is paid from. */
  readonly block: string
  /** What the call cost. */
  settle(used: Amount): void
  /** The call failed and costs nothing. */
  release(): void
}

/** What bounds a call's wait for its turn. */
export interface ReserveOptions {
  /** The run's budget as it is at the moment; it may change while the call waits. */
  budget(): Budget | undefined
  readonly signal: AbortSignal
  /** Milliseconds since 1970 at which the batch is handed back. */
  readonly deadline: number
}

/** Where a process keeps what it spends of a run's budget. */
export interface RunBudgetOptions {
  readonly store: Store
  readonly run: string
  /** What was paid for the run so far, by what the journal's answers name. */
  usage(): Promise<UsageByBlock>
  readonly holder: ProcessIdentity
  readonly clock?: Clock
  isGone?(block: Block): boolean
}

interface Waiter {
  readonly worst: Amount
  readonly deadline: number
  resolve(): void
  reject(error: unknown): void
}

/**
 * What one process spends of one run's budget.
 *
 * Before a call is sent its worst case is set aside in a block that the process draws from the run's ledger, in few
 * writes for many calls. A run without a budget has no ledger: what is spent is only counted, in case it gets one.
 */
export class RunBudget {
  readonly #options: RunBudgetOptions
  readonly #clock: Clock
  readonly #share: BudgetShare
  #budget: () => Budget | undefined = () => undefined
  #waiting: Waiter[] = []
  #lookedAt: readonly number[] = []
  #looking: Promise<void> | undefined
  #plannedFor = Number.POSITIVE_INFINITY
  #cancelPlan: () => void = () => {}
  readonly #pace = new SpendingPace()
  #isTouched = false
  /** Whether calls wait that came after the last look at the ledger. */
  #isBehind = false

  constructor(options: RunBudgetOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#share = new BudgetShare(randomBytes(6).toString('hex'), options.holder)
  }

  /**
   * Sets a call's worst case aside, once it fits: at the latest when all other calls of the run, wherever they are,
   * have settled.
   *
   * @throws RetortError `budget` where it does not fit even then; `run-paused` where the deadline comes first
   */
  async reserve(worst: Amount, options: ReserveOptions): Promise<Reservation> {
    this.#budget = options.budget
    this.#share.setCaps(capsOf(options.budget()))
    this.#isTouched = true
    if (this.#waiting.length > 0 || !this.#share.take(worst)) await this.#turn(worst, options)
    let isOpen = true
    const settle = (used: Amount) => {
      if (!isOpen) return
      isOpen = false
      this.#share.settle(worst, used)
      if (this.#share.caps === undefined) return
      this.#serve()
      this.#plan(this.#waiting.length > 0 ? 0 : idleMilliseconds)
    }
    return { block: this.#share.block, settle, release: () => settle(noAmount) }
  }

  /** Puts back what is not spent. */
  async close(): Promise<void> {
    this.#cancelPlan()
    this.#plannedFor = Number.NEGATIVE_INFINITY
    await this.#looking
    this.#isTouched = false
    if (this.#share.caps !== undefined) await this.#look().catch(() => {})
  }

  async #turn(worst: Amount, { signal, deadline }: ReserveOptions): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', abort)
        this.#waiting = this.#waiting.filter((other) => other !== waiter)
      }
      const abort = () => waiter.reject(signal.reason)
      const waiter: Waiter = {
        worst,
        deadline,
        resolve: () => {
          leave()
          resolve()
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      }
      signal.addEventListener('abort', abort)
      this.#waiting.push(waiter)
      this.#isBehind = true
      this.#plan(0)
    })
  }

  /** Lets those calls go on that fit, in the order in which they came. */
  #serve(): void {
    for (const waiter of this.#waiting) {
      if (!this.#share.take(waiter.worst)) return
      waiter.resolve()
    }
  }

  /** Looks at the ledger after a while, or as soon as looks may follow each other. */
  #plan(milliseconds: number): void {
    if (this.#looking !== undefined) return
    const now = this.#clock.now()
    const earliest = (this.#lookedAt[0] ?? Number.NEGATIVE_INFINITY) + looksMilliseconds
    const at = Math.max(now + milliseconds, this.#lookedAt.length < looksAtOnce ? now : earliest)
    if (at >= this.#plannedFor) return
    this.#cancelPlan()
    this.#plannedFor = at
    this.#cancelPlan = this.#clock.after(at - now, () => {
      this.#plannedFor = Number.POSITIVE_INFINITY
      this.#looking = this.#lookAndServe().finally(() => {
        this.#looking = undefined
        this.#planNext()
      })
    })
  }

  #planNext(): void {
    if (this.#plannedFor === Number.NEGATIVE_INFINITY) return
    if (this.#waiting.length > 0) this.#plan(this.#isBehind ? 0 : waitMilliseconds)
    else if (this.#isTouched || this.#share.hasDrawn) this.#plan(idleMilliseconds)
  }

  async #lookAndServe(): Promise<void> {
    this.#lookedAt = [...this.#lookedAt, this.#clock.now()].slice(-looksAtOnce)
    this.#share.setCaps(capsOf(this.#budget()))
    this.#expire()
    try {
      await this.#look()
    } catch (error) {
      // A store that is away for a while is waited for.
      if (!isRetortError(error) || error.verdict !== 'retry') this.#rejectAll(error)
    }
    this.#serve()
  }

  async #look(): Promise<void> {
    const { store, run, usage } = this.#options
    const gone = this.#options.isGone ?? ((block: Block) => isGone(block, this.#clock.now()))
    const caps = this.#share.caps
    if (caps === undefined) return
    const isIdle = !this.#isTouched && !this.#share.isInFlight && this.#waiting.length === 0
    this.#isTouched = false
    const now = this.#clock.now()
    const ahead = this.#pace.look(now, this.#share.spent)
    let isOver = false
    const stored = await changeLedger(store, run, async (before) => {
      let ledger = before ?? openLedger(caps)
      const isRaised = before !== undefined && !isWithin(capAmount(caps), capAmount(before.caps))
      // Whoever comes new to the ledger brings what answers were paid without one; more room ends all doubt.
      if (ledger.blocks[this.#share.block] === undefined || isRaised)
        ledger = closeBlocks(ledger, await usage(), isRaised ? gone : () => false)
      this.#isBehind = false
      const look = {
        waiting: this.#waiting.map(({ worst }) => worst),
        isIdle,
        ahead,
        now,
        isGone: gone,
      }
      const change = this.#share.change(ledger, caps, look)
      isOver = change.isOver
      return change.ledger
    })
    if (this.#share.caps !== caps) return
    this.#share.adopt(stored)
    const [next] = this.#waiting
    if (isOver && stored !== undefined && next !== undefined)
      this.#rejectAll(budgetSpent(run, caps, stored, next.worst, gone))
  }

  #expire(): void {
    const now = this.#clock.now()
    const late = this.#waiting.filter(({ deadline }) => deadline <= now)
    for (const waiter of late)
      waiter.reject(
        new RetortError(
          'run-paused',
          `Run '${this.#options.run}' has calls that wait for others to settle what they take of its budget.`,
        ),
      )
  }

  #rejectAll(error: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(error)
  }
}

/** What this process spends of the budgets of its runs. */
export class RunBudgets {
  readonly #store: Store
  readonly #usage: (run: string, pipeline: string) => Promise<UsageByBlock>
  readonly #holder = identityOf()
  readonly #runs = new LRUCache<string, RunBudget>({
    max: budgetsAtHand,
    dispose: (budget) => void budget.close(),
  })

  constructor(store: Store, usage: (run: string, pipeline: string) => Promise<UsageByBlock>) {
    this.#store = store
    this.#usage = usage
  }

  of(run: string, pipeline: string): RunBudget {
    const known = this.#runs.get(run)
    if (known !== undefined) return known
    const usage = () => this.#usage(run, pipeline)
    const budget = new RunBudget({ store: this.#store, run, usage, holder: this.#holder })
    this.#runs.set(run, budget)
    return budget
  }

  /** Puts back what is not spent. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((budget) => budget.close()))
  }
}
