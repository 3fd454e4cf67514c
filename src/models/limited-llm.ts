import type { Environment } from '../../core/environment.ts'
import type { InnerModel } from '../../core/inner-model.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

import { Limiter } from '../limiter/limiter.ts'
import type { LLMDefinition } from '../model-definition.ts'

/** Makes a model within another one live, with a limiter that nobody shares. */
export async function createInnerModel(
  definition: LLMDefinition,
  spec: LLMSpec,
  environment: Environment,
): Promise<InnerModel> {
  const live = await definition.create(spec, environment)
  const limiter = new Limiter(definition.limitGroup(spec))
  limiter.join(spec.limits)
  const onRateLimit = limiter.observe.bind(limiter)
  return {
    live,
    ask: (request, { signal, example, deadline, priority }) =>
      limiter.run(
        priority,
        () =>
          live.chat(request, {
            onRateLimit,
            ...(signal === undefined ? {} : { signal }),
            ...(example === undefined ? {} : { example }),
          }),
        {
          signal,
          deadline,
          usedTokens: ({ usage }) => usage.inputTokens + usage.outputTokens,
        },
      ),
    async close() {
      limiter.close()
      await live.close?.()
    },
  }
}
