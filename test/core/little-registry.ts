import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import { defineGenerator, defineStep } from '../../src/core/define-step.ts'
import { defineTask } from '../../src/core/define-task.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { withDefinitions } from '../../src/core/registry.ts'
import type { Registry } from '../../src/core/registry.ts'
import { resolvePipeline } from '../../src/core/resolve-pipeline.ts'
import type { ResolvedStep, ResolveOptions } from '../../src/core/resolve-pipeline.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { builtInRegistry } from '../../src/registry.ts'

const prompts = defineGenerator({
  type: 'Prompts',
  outputs: z.object({ prompt: z.string(), id: z.number() }),
  *generate() {
    yield { prompt: 'Why?', id: 1 }
  },
})

const files = defineGenerator({
  type: 'Files',
  params: z.object({ path: z.string() }),
  unsigned: ['path'],
  *generate() {},
})

const count = defineStep({
  type: 'Count',
  params: z.object({
    unit: z.enum(['words', 'letters']).default('letters'),
    log: z.string().optional(),
  }),
  unsigned: ['log'],
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ length: z.number() }),
  *process(rows) {
    for (const { prompt } of rows) yield { length: prompt.length }
  },
})

const trim = defineStep({
  type: 'Trim',
  inputs: z.object({ prompt: z.string(), suffix: z.string().optional() }),
  outputs: z.object({ prompt: z.string() }),
  *process(rows) {
    for (const { prompt } of rows) yield { prompt: prompt.trim() }
  },
})

const split = defineStep({
  type: 'Split',
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ head: z.string(), tail: z.string() }),
  *process(rows) {
    for (const { prompt } of rows) yield { head: prompt.slice(0, 1), tail: prompt.slice(1) }
  },
})

const judge = defineTask({
  type: 'Judge',
  params: z.object({ aspect: z.string() }),
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ rating: z.number() }),
  formatInput: ({ prompt }) => [user(prompt)],
  formatOutput: () => ({ rating: 1 }),
})

/** What is built in, and some small definitions of which no code is needed. */
export const littleRegistry = registryWithCode('code-1')

/** The same definitions as if loaded from other code. */
export function registryWithCode(code: string): Registry {
  const definitions = [prompts, files, count, trim, split, judge].map((each) => each.definition)
  return withDefinitions(builtInRegistry, definitions, code)
}

/** Steps of a chain, each after the one before it unless it says otherwise. */
export function chain(
  ...steps: readonly (Omit<StepSpec, 'name'> & { name?: string })[]
): StepSpec[] {
  const names = steps.map(({ name, type }) => name ?? type.toLowerCase())
  return steps.map((step, index) => ({
    ...(index === 0 ? {} : { after: [names[index - 1] ?? ''] }),
    ...step,
    name: names[index] ?? '',
  }))
}

/** Resolves steps over {@link littleRegistry}. */
export function resolve(
  steps: readonly StepSpec[],
  options: Partial<ResolveOptions> = {},
): ResolvedStep[] {
  const environment = { OPENAI_API_KEY: 'sk-1', OTHER_KEY: 'sk-2' }
  const spec = { version: 1, name: 'little', steps } as const
  return resolvePipeline(spec, { registry: littleRegistry, environment, ...options })
}

/** JSON of a model that needs no key. */
export const simulatedSpec: JsonObject = { type: 'SimulatedLLM', params: {} }
