import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import type { Environment } from '../../core/environment.ts'
import type { LLM, LLMSpec } from '../../core/llm-spec.ts'

import { Limiter } from '../limiter/limiter.ts'
import type { LLMDefinition } from '../model-definition.ts'

/** A model within another one: it waits for limits of its own, and repeats what its provider failed at. */
export interface InnerModel {
  readonly live: LLM
  /** @param deadline - milliseconds since 1970 until when it waits */
  ask(request: ChatRequest, options: InnerOptions): Promise<ChatAnswer>
  close(): Promise<void>
}

/** What bounds a call of an inner model. */
export interface InnerOptions {
  readonly signal: AbortSignal | undefined
  readonly example: (() => string) | undefined
  /** Milliseconds since 1970 until which it is repeated. */
  readonly deadline: number
  /** Lower ones are served first. */
  readonly priority: number
}

/** Makes a model within another one live. */
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
