import type { LLMSpec } from '../core/llm-spec.ts'
import type { ConnectedLLM } from '../core/process-alone.ts'
import type { Environment } from '../core/environment.ts'

import type { LLMDefinition } from './model-definition.ts'
import { Limiter } from './limiter/limiter.ts'

/** Makes a model live with a limiter of its own, for use without a worker. */
export async function connectLLM(
  definition: LLMDefinition,
  spec: LLMSpec,
  environment: Environment,
): Promise<ConnectedLLM> {
  const llm = await definition.create(spec, environment)
  const limiter = new Limiter(definition.limitGroup(spec))
  limiter.join(spec.limits)
  const onRateLimit = limiter.observe.bind(limiter)
  return {
    ask: (request, { priority, ...options }) =>
      limiter.run(priority, () => llm.chat(request, { ...options, onRateLimit }), {
        signal: options.signal,
        usedTokens: ({ usage }) => usage.inputTokens + usage.outputTokens,
      }),
    async close() {
      limiter.close()
      await llm.close?.()
    },
  }
}
