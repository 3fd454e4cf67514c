import { setTimeout } from 'node:timers/promises'

import { z } from 'zod'

import { textOf } from '../core/chat.ts'
import type { ChatRequest } from '../core/chat.ts'
import type { LLM, LLMLimits, LLMSpec } from '../core/llm-spec.ts'

import { defineLLM } from './model-definition.ts'
import { toModelSpec } from './to-model-spec.ts'

/** Parameters of {@link simulated}. */
export interface SimulatedOptions {
  readonly model?: string
  /** Milliseconds that each answer takes; 0 by default. */
  readonly latencyMs?: number
  readonly limits?: LLMLimits
}

const params = z.strictObject({
  model: z.string().min(1).default('simulated'),
  latencyMs: z.number().min(0).max(3_600_000).default(0),
})

/** The code of `SimulatedLLM`. */
export const simulatedLLM = defineLLM({
  type: 'SimulatedLLM',
  params,
  isSimulated: true,
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
      options.signal?.throwIfAborted()
      if (latencyMs > 0) await sleep(latencyMs, options.signal)
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

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch {
    signal?.throwIfAborted()
  }
}

function lastContent(request: ChatRequest): string {
  const last = request.messages.at(-1)
  return last === undefined ? '' : textOf(last)
}

/** About four characters make a token. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}
