import type { LLMSpec } from '../core/llm-spec.ts'
import type { ConnectedLLM } from '../core/process-alone.ts'
import type { Environment } from '../core/environment.ts'
import type { StructuredReader } from '../core/structured-reader.ts'

import type { LLMDefinition } from './model-definition.ts'
import { Limiter } from './limiter/limiter.ts'
import { loadStructured } from './structured/load-structured.ts'

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
  let reader: Promise<StructuredReader> | undefined
  const structured = () => (reader ??= loadStructured())
  return {
    ask: (request, { priority, ...options }) =>
      limiter.run(priority, () => llm.chat(request, { ...options, onRateLimit }), {
        signal: options.signal,
        usedTokens: ({ usage }) => usage.inputTokens + usage.outputTokens,
      }),
    checkFormat: async (...given) => (await structured()).check(...given),
    readStructured: async (...answer) => (await structured()).read(...answer),
    async close() {
      limiter.close()
      await llm.close?.()
    },
  }
}
