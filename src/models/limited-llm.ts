import type { ChatAnswer, ChatRequest } from '../core/chat.ts'
import type { Environment } from '../core/environment.ts'
import type { InnerModel, InnerOptions } from '../core/inner-model.ts'
import type { LLM, LLMSpec, RateLimitReport } from '../core/llm-spec.ts'

import { Limiter } from './limiter/limiter.ts'
import type { LLMDefinition } from './model-definition.ts'

/** Asks a model when its limits have room, and again after failures of its provider. */
export async function askLimited(
  live: LLM,
  limiter: Limiter,
  request: ChatRequest,
  { signal, example, deadline, priority }: InnerOptions,
): Promise<ChatAnswer> {
  const given = {
    ...(signal === undefined ? {} : { signal }),
    ...(example === undefined ? {} : { example }),
    onRateLimit: (report: RateLimitReport) => limiter.observe(report),
  }
  return await limiter.run(priority, () => live.chat(request, given), {
    signal,
    deadline,
    usedTokens: ({ usage }) => usage.inputTokens + usage.outputTokens,
  })
}

/** Makes a model live with a limiter that nobody shares. */
export async function createLimitedLLM(
  definition: LLMDefinition,
  spec: LLMSpec,
  environment: Environment,
): Promise<InnerModel> {
  const live = await definition.create(spec, environment)
  const limiter = new Limiter(definition.limitGroup(spec))
  limiter.join(spec.limits)
  return {
    live,
    ask: (request, options) => askLimited(live, limiter, request, options),
    async close() {
      limiter.close()
      await live.close?.()
    },
  }
}
