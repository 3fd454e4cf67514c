import type { Usage } from '../src/core/chat.ts'
import { isRetortError } from '../src/core/errors.ts'
import type { CallOptions, LiveModel, RateLimitReport } from '../src/core/llm-spec.ts'
import { replyCostNanoUsd } from '../src/core/price.ts'
import type { Price } from '../src/core/price.ts'
import type { CallPacer } from '../src/models/limiter/call-pacer.ts'
import type { Limiter } from '../src/models/limiter/limiter.ts'
import type { Amount } from '../src/storage/budget/amount.ts'
import type { RunBudget } from './budget.ts'
import { atStep } from './failures.ts'
import type { RunGate } from './run-gates.ts'

/** What bounds the calls of one batch. */
export interface CallScope {
  readonly gate: RunGate
  readonly signal: AbortSignal
  /** Milliseconds since 1970 at which the batch is handed back. */
  readonly deadline: number
  /** Returns when the store has room for another answer. */
  ready(): Promise<void>
  /** What the run spends here. */
  readonly budget: RunBudget
}

/** A reply and what it cost. */
export interface Paid<Reply> {
  readonly reply: Reply
  /** Billionths of a US dollar; `null` where no price is known. */
  readonly costNanoUsd: number | null
  /** The block of the run's budget that it was paid from, also while the run has none. */
  readonly budgetBlock: string
}

/** What a reply says that it took. */
export interface UsedTokens {
  readonly usage: Usage
  /** What each model took of several that made it. */
  readonly usageOfParts?: readonly Usage[]
}

/** One call of a model. */
export interface ModelCall<Reply extends UsedTokens> {
  /** Lower ones are served first. */
  readonly priority: number
  /** The most that it may take, which the run's budget must have room for. */
  readonly worst: Usage
  /** Tokens that it takes about, where limits count tokens. */
  readonly estimatedTokens: number
  attempt(options: CallOptions): Promise<Reply>
}

/** A step's model, made live, and how it is called. */
export interface CalledModel {
  readonly live: LiveModel
  /** Whether it continues raw prompts. */
  readonly continuesPrompts: boolean
  call<Reply extends UsedTokens>(call: ModelCall<Reply>): Promise<Paid<Reply>>
}

/** A step's model, and what holds its calls within their limits. */
export interface LimitedModel {
  readonly stepName: string
  readonly live: LiveModel
  readonly continuesPrompts: boolean
  readonly limiter: Limiter
  readonly pacer: CallPacer
  /** What its tokens cost; `null` where it is not known. */
  readonly price: Price | null
}

/** Makes a model callable: each attempt waits for its limits, its run and its budget. */
export function createCalledModel(model: LimitedModel, scope: CallScope): CalledModel {
  const { stepName, live, limiter, pacer, price } = model
  const onRateLimit = (report: RateLimitReport) => limiter.observe(report)
  const attempt = async <Reply extends UsedTokens>(call: ModelCall<Reply>) => {
    await pacer.next()
    await scope.ready()
    try {
      return await spend(scope, call.worst, price, () => call.attempt({ onRateLimit }))
    } catch (error) {
      const stopped = atStep(error, stepName)
      // Other calls of this run would only meet the same wall.
      if (isRetortError(stopped) && stopped.verdict === 'stop') scope.gate.stop(stopped)
      throw error
    }
  }
  return {
    live,
    continuesPrompts: model.continuesPrompts,
    call: (call) =>
      // A call that is under way will be paid: whatever calls the batch off, its answer is waited for and kept.
      limiter.run(call.priority, () => attempt(call), {
        signal: scope.signal,
        deadline: scope.deadline,
        estimatedTokens: call.estimatedTokens,
        usedTokens: ({ reply: { usage } }) => usage.inputTokens + usage.outputTokens,
      }),
  }
}

/** Makes a call under the run's budget: its worst case is set aside before it, and what it cost is noted behind it. */
async function spend<Reply extends UsedTokens>(
  { budget, gate, signal, deadline }: CallScope,
  worst: Usage,
  price: Price | null,
  call: () => Promise<Reply>,
): Promise<Paid<Reply>> {
  const reservation = await budget.reserve(toAmount({ usage: worst }, price), {
    budget: () => gate.settings().budget,
    signal,
    deadline,
  })
  try {
    await gate.pass()
    const reply = await call()
    reservation.settle(toAmount(reply, price))
    const cost = price === null ? null : replyCostNanoUsd(reply, price)
    return { reply, costNanoUsd: cost, budgetBlock: reservation.block }
  } finally {
    reservation.release()
  }
}

/** What tokens count for in a run's budget. */
export function toAmount(used: UsedTokens, price: Price | null): Amount {
  return {
    nanoUsd: price === null ? 0 : replyCostNanoUsd(used, price),
    tokens: used.usage.inputTokens + used.usage.outputTokens,
  }
}
