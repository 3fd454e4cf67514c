import { z } from 'zod'

import { textOf } from '../../core/chat.ts'
import type { ChatRequest } from '../../core/chat.ts'
import type { LLM, LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { modelShape, takeTime, tokensOf } from './simulated-call.ts'
import type { SimulatedOptions } from './simulated-call.ts'

const params = z.strictObject(modelShape)

/** The code of `SimulatedLLM`. */
export const simulatedLLM = toLLMDefinition({
  type: 'SimulatedLLM',
  factory: 'simulated',
  description: "Answers with each task's own example, and asks nobody.",
  params,
  isSimulated: true,
  capabilities: { completions: true, images: true },
  identity: ({ model }) => ({ provider: 'simulated', model, parameters: {} }),
  create: async (given) => createSimulatedLLM(given),
})

/**
 * Names a model that needs no key and asks nobody: it answers with the task's own example.
 *
 * The same request always gets the same answer. Datasets made with it say so.
 */
export function simulated(options: SimulatedOptions = {}): LLMSpec {
  return toModelSpec(simulatedLLM, options)
}

function createSimulatedLLM({ model, latencyMs }: z.output<typeof params>): LLM {
  return {
    type: 'SimulatedLLM',
    model,
    isSimulated: true,
    async chat(request, options = {}) {
      await takeTime(latencyMs, options.signal)
      const text = options.example?.() ?? `Simulated answer to: ${lastContent(request)}`
      return {
        choices: [{ text, finishReason: 'stop' }],
        usage: {
          inputTokens: request.messages.reduce((sum, each) => sum + tokensOf(textOf(each)), 0),
          outputTokens: tokensOf(text),
        },
        model,
      }
    },
  }
}

function lastContent(request: ChatRequest): string {
  const last = request.messages.at(-1)
  return last === undefined ? '' : textOf(last)
}
