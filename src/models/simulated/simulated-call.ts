import { setTimeout } from 'node:timers/promises'

import { z } from 'zod'

import type { LLMLimits } from '../../core/llm-spec.ts'

/** Parameters of every simulated model. */
export interface SimulatedOptions {
  readonly model?: string
  /** Milliseconds that each answer takes; 0 by default. */
  readonly latencyMs?: number
  readonly limits?: LLMLimits
}

/** JSON Schema of {@link SimulatedOptions}, member by member. */
export const modelShape = {
  model: z.string().min(1).default('simulated').describe('What it is called in datasets.'),
  latencyMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('Milliseconds that each answer takes.'),
}

/** Waits as long as an answer is to take, or throws a signal's reason. */
export async function takeTime(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  if (milliseconds === 0) return
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch {
    signal?.throwIfAborted()
  }
}

/** About four characters make a token. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}
