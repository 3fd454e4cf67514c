import { isWithin, noAmount, sumOf } from '../../../src/storage/budget/amount.ts'
import type { Amount } from '../../../src/storage/budget/amount.ts'
import { BudgetShare } from '../../../src/storage/budget/budget-share.ts'
import {
  capAmount,
  closeBlocks,
  heldBackBy,
  openLedger,
  spentOf,
} from '../../../src/storage/budget/ledger.ts'
import type { Block, Caps, Ledger } from '../../../src/storage/budget/ledger.ts'
import { identityOf } from '../../../src/storage/process-identity.ts'

/** A call to make: what it may cost, and what it does. */
export interface LittleCall {
  readonly worst: Amount
  readonly used: Amount
}

interface LittleWorker {
  readonly share: BudgetShare
  /** Those that it has to make, one after another. */
  readonly calls: LittleCall[]
  readonly inFlight: LittleCall[]
  isDead: boolean
  isIdle: boolean
  /** A look at the ledger whose write is under way. */
  look: { readonly seen: Ledger; readonly wanted: Ledger } | undefined
}

/** Workers of one run and the ledger that they draw from, of which every step can be taken by itself. */
export class LittleFleet {
  ledger: Ledger
  caps: Caps
  paid = noAmount
  /** What workers draw beyond the calls that wait. */
  ahead = noAmount
  readonly workers: LittleWorker[] = []
  readonly #paidBy = new Map<string, Amount>()
  readonly #holder = identityOf()

  /** @param calls - for each worker, those that it has to make */
  constructor(caps: Caps, calls: readonly (readonly LittleCall[])[]) {
    this.caps = caps
    this.ledger = openLedger(caps)
    for (const own of calls) this.join(own)
  }

  join(calls: readonly LittleCall[]): LittleWorker {
    const share = new BudgetShare(`block-${this.workers.length}`, this.#holder)
    share.setCaps(this.caps)
    const own = { calls: [...calls], inFlight: [], isDead: false, isIdle: false, look: undefined }
    const worker: LittleWorker = { share, ...own }
    this.workers.push(worker)
    return worker
  }

  get isDone(): boolean {
    return this.workers.every(
      ({ isDead, calls, inFlight }) => isDead || (!calls[0] && !inFlight[0]),
    )
  }

  /** Makes the next call, where its worst case fits. */
  begin(worker: LittleWorker): boolean {
    const [next] = worker.calls
    if (worker.isDead || next === undefined || !worker.share.take(next.worst)) return false
    worker.calls.shift()
    worker.inFlight.push(next)
    worker.isIdle = false
    return true
  }

  settle(worker: LittleWorker, fails = false): void {
    if (worker.isDead) return
    const call = worker.inFlight.shift()
    if (call === undefined) return
    const used = fails ? noAmount : call.used
    worker.share.settle(call.worst, used)
    this.#pay(worker, used)
    if (fails) worker.calls.push(call)
  }

  /** Reads the ledger and decides what is to stand there; true where the worker's next call can never be made. */
  read(worker: LittleWorker): boolean {
    if (worker.isDead) return false
    worker.share.setCaps(this.caps)
    const seen = this.ledger
    const isRaised = !isWithin(capAmount(this.caps), capAmount(seen.caps))
    const known =
      isRaised || seen.blocks[worker.share.block] === undefined
        ? closeBlocks(seen, Object.fromEntries(this.#paidBy), isRaised ? this.isGone : () => false)
        : seen
    const { ledger, isOver } = worker.share.change(known, this.caps, {
      waiting: worker.calls.slice(0, 3).map(({ worst }) => worst),
      isIdle: worker.isIdle && worker.inFlight.length === 0 && worker.calls.length === 0,
      ahead: this.ahead,
      now: 0,
      isGone: this.isGone,
    })
    worker.isIdle = true
    worker.look = { seen, wanted: ledger }
    return isOver
  }

  /** Writes what a worker wants, unless somebody else was faster. */
  write(worker: LittleWorker): boolean {
    const { look } = worker
    if (worker.isDead || look === undefined) return false
    worker.look = undefined
    if (look.seen !== this.ledger) return false
    if (look.wanted !== look.seen)
      this.ledger = { ...look.wanted, sequence: this.ledger.sequence + 1 }
    worker.share.adopt(this.ledger)
    return true
  }

  /** Ends a worker; what it had in flight is paid all the same, and asked again by another one. */
  kill(worker: LittleWorker): void {
    if (worker.isDead) return
    worker.isDead = true
    for (const call of worker.inFlight) this.#pay(worker, call.used)
    this.join([...worker.inFlight, ...worker.calls])
  }

  readonly isGone = (block: Block): boolean =>
    this.workers.some(({ share, isDead }) => isDead && this.ledger.blocks[share.block] === block)

  /** What is paid and what calls in flight may still cost. */
  get atMost(): Amount {
    const inFlight = this.workers.flatMap((worker) => (worker.isDead ? [] : worker.inFlight))
    return sumOf([this.paid, ...inFlight.map(({ worst }) => worst)])
  }

  /** What nobody may spend any more. */
  get lost(): Amount {
    return heldBackBy(this.ledger, this.isGone)
  }

  get known(): Amount {
    return spentOf(this.ledger, this.isGone)
  }

  #pay({ share }: LittleWorker, used: Amount): void {
    this.paid = sumOf([this.paid, used])
    this.#paidBy.set(share.block, sumOf([this.#paidBy.get(share.block) ?? noAmount, used]))
  }
}
