import { isRetortError } from '../src/core/errors.ts'
import { canonicalJson } from '../src/core/json.ts'
import type { ChatAnswer, ChatRequest, Usage } from '../src/core/chat.ts'
import type { ChatOptions, LLM, LLMSpec } from '../src/core/llm-spec.ts'
import { costNanoUsd } from '../src/core/price.ts'
import type { Price } from '../src/core/price.ts'
import { llmOfType } from '../src/core/registry.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import { CallPacer } from '../src/llms/call-pacer.ts'
import { Limiters } from '../src/llms/limiter/limiters.ts'
import { worstCase } from '../src/llms/worst-case.ts'
import type { Amount } from '../src/storage/budget/amount.ts'
import type { RunBudget } from './budget.ts'
import { atStep } from './failures.ts'
import type { Leases } from './leases.ts'
import type { RunGate } from './run-gates.ts'
import type { WorkerContext } from './worker-context.ts'

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

/** An answer and what it cost. */
export interface PaidAnswer {
  readonly answer: ChatAnswer
  /** Billionths of a US dollar; `null` where no price is known. */
  readonly costNanoUsd: number | null
  /** The block of the run's budget that it was paid from, also while the run has none. */
  readonly budgetBlock: string
}

/** Asks a step's model one question. Lower priorities are served first. */
export type Ask = (
  request: ChatRequest,
  priority: number,
  options: ChatOptions,
) => Promise<PaidAnswer>

/** The live models of a process, and the limits that their calls keep. */
export class Models {
  readonly #context: WorkerContext
  readonly #leases: Leases | undefined
  readonly #limiters: Limiters
  readonly #pacer = new CallPacer()
  readonly #live = new Map<string, Promise<LLM>>()

  /** @param leases - what other processes leave of limits; without it there are none */
  constructor(context: WorkerContext, leases?: Leases) {
    this.#context = context
    this.#leases = leases
    this.#limiters = new Limiters({ isShared: leases !== undefined })
  }

  /**
   * Runs work that may ask a step's model.
   *
   * @param price - what the model's tokens cost; `null` where it is not known
   */
  async use<T>(
    step: ResolvedStep,
    price: Price | null,
    scope: CallScope,
    work: (ask: Ask) => Promise<T>,
  ): Promise<T> {
    const { llm } = step
    if (llm === undefined)
      return await work(() =>
        Promise.reject(new TypeError(`Step '${step.spec.name}' has no model to ask.`)),
      )
    const live = await this.#connect(llm.spec, step.spec.name)
    const limiter = this.#limiters.of(llm.limitGroup)
    const membership = limiter.join(llm.spec.limits)
    const release = this.#leases?.use(limiter)
    try {
      const attempt = async (request: ChatRequest, options: ChatOptions) => {
        await this.#pacer.next()
        await scope.ready()
        try {
          return await spend(scope, worstCase(request, llm.parameters), price, () =>
            live.chat(request, options),
          )
        } catch (error) {
          const stopped = atStep(error, step.spec.name)
          // Other calls of this run would only meet the same wall.
          if (isRetortError(stopped) && stopped.verdict === 'stop') scope.gate.stop(stopped)
          throw error
        }
      }
      return await work((request, priority, options) =>
        // A call that is under way will be paid: whatever calls the batch off, its answer is waited for and kept.
        limiter.run(priority, () => attempt(request, options), {
          signal: scope.signal,
          deadline: scope.deadline,
        }),
      )
    } finally {
      release?.()
      membership.leave()
    }
  }

  /** Loads what models need ahead of their first call; what is wrong with one shows when it is asked. */
  async warmUp(specs: readonly LLMSpec[]): Promise<void> {
    const { registry, environment } = this.#context
    await Promise.allSettled(
      specs.map(async (named) => {
        const spec = registry.resolveLLM(named, environment)
        const { limits = {} } = spec
        const group = llmOfType(registry, spec.type, spec.type).limitGroup(spec)
        this.#leases?.expect(this.#limiters.of(group), {
          maxConcurrency: limits.maxConcurrency ?? null,
          requestsPerMinute: limits.requestsPerMinute ?? null,
          tokensPerMinute: limits.tokensPerMinute ?? null,
        })
        await this.#connect(spec, spec.type)
      }),
    )
  }

  async #connect(spec: LLMSpec, stepName: string): Promise<LLM> {
    const id = canonicalJson({ type: spec.type, params: spec.params })
    const known = this.#live.get(id)
    if (known !== undefined) return await known
    const { registry, environment } = this.#context
    const connecting = llmOfType(registry, spec.type, stepName).create(spec, environment)
    this.#live.set(id, connecting)
    connecting.catch(() => this.#live.delete(id))
    return await connecting
  }

  /** Calls that wait for a provider's answer. */
  callsInFlight(): number {
    return this.#limiters.stats().reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  /** Lets no further call start; those in flight finish. */
  stopCalls(reason: Error): void {
    this.#limiters.close(reason)
  }

  async close(): Promise<void> {
    for (const connecting of this.#live.values())
      await connecting.then(
        (llm) => llm.close?.(),
        () => {},
      )
    this.#live.clear()
  }
}

/** Makes a call under the run's budget: its worst case is set aside before it, and what it cost is noted behind it. */
async function spend(
  { budget, gate, signal, deadline }: CallScope,
  worst: Usage,
  price: Price | null,
  call: () => Promise<ChatAnswer>,
): Promise<PaidAnswer> {
  const reservation = await budget.reserve(toAmount(worst, price), {
    budget: () => gate.settings().budget,
    signal,
    deadline,
  })
  try {
    await gate.pass()
    const answer = await call()
    reservation.settle(toAmount(answer.usage, price))
    const cost = price === null ? null : costNanoUsd(answer.usage, price)
    return { answer, costNanoUsd: cost, budgetBlock: reservation.block }
  } finally {
    reservation.release()
  }
}

function toAmount(usage: Usage, price: Price | null): Amount {
  return {
    nanoUsd: price === null ? 0 : costNanoUsd(usage, price),
    tokens: usage.inputTokens + usage.outputTokens,
  }
}
