import { textOf } from '../src/core/chat.ts'
import type { ChatAnswer, ChatMessage, ChatRequest, Usage } from '../src/core/chat.ts'
import { isRetortError } from '../src/core/errors.ts'
import type { JsonObject } from '../src/core/json.ts'
import type { ChatOptions, LLM, RateLimitReport } from '../src/core/llm-spec.ts'
import { costNanoUsd } from '../src/core/price.ts'
import type { Price } from '../src/core/price.ts'
import type { CallPacer } from '../src/models/limiter/call-pacer.ts'
import type { Limiter } from '../src/models/limiter/limiter.ts'
import { mostNewTokens } from '../src/models/model-params.ts'
import { worstCase } from '../src/models/worst-case.ts'
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

/** A step's model, and what holds its calls within their limits. */
export interface CalledModel {
  readonly stepName: string
  readonly live: LLM
  readonly limiter: Limiter
  readonly pacer: CallPacer
  /** The model's own parameters of generation. */
  readonly parameters: JsonObject
  /** What its tokens cost; `null` where it is not known. */
  readonly price: Price | null
}

/** What an answer is taken for before it is there, where limits count tokens: few are as long as they may be. */
const usualShareOfAnswer = 0.25

/** Makes the function that asks a model: each attempt waits for its limits, its run and its budget. */
export function createAsk(model: CalledModel, scope: CallScope): Ask {
  const { stepName, live, limiter, pacer, parameters, price } = model
  const onRateLimit = (report: RateLimitReport) => limiter.observe(report)
  const longestAnswer = mostNewTokens(parameters)
  const attempt = async (request: ChatRequest, options: ChatOptions) => {
    await pacer.next()
    await scope.ready()
    try {
      return await spend(scope, worstCase(request, parameters), price, () =>
        live.chat(request, { ...options, onRateLimit }),
      )
    } catch (error) {
      const stopped = atStep(error, stepName)
      // Other calls of this run would only meet the same wall.
      if (isRetortError(stopped) && stopped.verdict === 'stop') scope.gate.stop(stopped)
      throw error
    }
  }
  return (request, priority, options) =>
    // A call that is under way will be paid: whatever calls the batch off, its answer is waited for and kept.
    limiter.run(priority, () => attempt(request, options), {
      signal: scope.signal,
      deadline: scope.deadline,
      estimatedTokens: promptTokens(request.messages) + longestAnswer * usualShareOfAnswer,
      usedTokens: ({ answer: { usage } }) => usage.inputTokens + usage.outputTokens,
    })
}

/** About four characters make a token. */
function promptTokens(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => sum + textOf(message).length, 0) / 4
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
