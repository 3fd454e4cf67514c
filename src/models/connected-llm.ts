import type { LLMSpec } from '../core/llm-spec.ts'
import type { ConnectedLLM } from '../core/process-alone.ts'
import type { Environment } from '../core/environment.ts'
import type { StructuredReader } from '../core/structured-reader.ts'

import type { LLMDefinition } from './model-definition.ts'
import { createLimitedLLM } from './limited-llm.ts'
import { loadStructured } from './structured/load-structured.ts'

/** Makes a model live with a limiter of its own, for use without a worker. */
export async function connectLLM(
  definition: LLMDefinition,
  spec: LLMSpec,
  environment: Environment,
): Promise<ConnectedLLM> {
  const limited = await createLimitedLLM(definition, spec, environment)
  let reader: Promise<StructuredReader> | undefined
  const structured = () => (reader ??= loadStructured())
  return {
    ask: (request, { signal, example, priority }) =>
      limited.ask(request, { signal, example, deadline: Number.POSITIVE_INFINITY, priority }),
    checkFormat: async (...given) => (await structured()).check(...given),
    readStructured: async (...answer) => (await structured()).read(...answer),
    close: () => limited.close(),
  }
}
