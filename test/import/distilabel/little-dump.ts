import { readFileSync } from 'node:fs'

import { parse } from 'yaml'
import { z } from 'zod'

import { user } from '../../../src/core/chat.ts'
import { defineStep } from '../../../src/core/define-step.ts'
import { defineTask } from '../../../src/core/define-task.ts'
import type { Registry } from '../../../src/core/registry.ts'
import { builtInRegistry } from '../../../src/registry.ts'
import { translateDump } from '../../../src/import/distilabel/translate-dump.ts'
import type { TranslatedDump } from '../../../src/import/distilabel/translate-dump.ts'

/** A file that distilabel wrote. */
export function readDump(name: string): unknown {
  const text = readFileSync(new URL(`dumps/${name}`, import.meta.url), 'utf8')
  return name.endsWith('.json') ? JSON.parse(text) : parse(text, { logLevel: 'error' })
}

const own = {
  UltraFeedback: defineTask({
    type: 'UltraFeedback',
    params: z.object({ aspect: z.string() }),
    inputs: z.object({ instruction: z.string(), generations: z.array(z.string()) }),
    outputs: z.object({ ratings: z.array(z.number()), rationales: z.array(z.string()) }),
    formatInput: () => [user('Rate them.')],
    formatOutput: () => ({ ratings: [], rationales: [] }),
  }),
  TruncateTextColumn: defineStep({
    type: 'TruncateTextColumn',
    params: z.object({ maxLength: z.int() }),
    inputs: z.object({ text: z.string() }),
    outputs: z.object({ text: z.string() }),
    *process(rows: readonly { readonly text: string }[]) {
      yield* rows
    },
  }),
}

const builtIn = [
  'CombineOutputs',
  'EmbeddingGeneration',
  'GroupColumns',
  'ImageGeneration',
  'KeepColumns',
  'LoadDataFromDicts',
  'LoadDataFromDisk',
  'LoadDataFromFileSystem',
  'LoadDataFromHub',
  'PushToHub',
  'TextGeneration',
].map((type) => [type, builtInRegistry.steps.get(type)] as const)

/** Some types of steps, whatever else is built in. */
export const registry: Registry = {
  ...builtInRegistry,
  steps: new Map([
    ...builtIn.flatMap(([type, step]) => (step === undefined ? [] : [[type, step] as const])),
    ...Object.values(own).map(
      ({ definition }) => [definition.type, { definition, code: 'own' }] as const,
    ),
  ]),
}

/** Translates a dump with the types of {@link registry}. */
export function translate(dump: unknown): TranslatedDump {
  return translateDump(dump, "'pipeline.yaml'", registry)
}

/** A class of distilabel with fields. */
export function dumped(name: string, fields: object, module = 'distilabel.some.module'): object {
  return { ...fields, type_info: { module, name } }
}

/** A dump of steps in a row, behind one that has its rows in itself. */
export function dumpOf(...steps: readonly (object & { readonly name?: string })[]): object {
  const all = [dumped('LoadDataFromDicts', { name: 'load' }), ...steps]
  const names = all.map((step, index) =>
    'name' in step && typeof step.name === 'string' ? step.name : `step_${index}`,
  )
  return {
    distilabel: { version: '1.5.3' },
    pipeline: {
      name: 'little',
      steps: all.map((step, index) => ({ name: names[index], step })),
      connections: names.map((from, index) => ({ from, to: names.slice(index + 1, index + 2) })),
      routing_batch_functions: [],
    },
  }
}

/** The one step behind the loader of what such a dump becomes. */
export function translatedStep(step: object): Readonly<Record<string, unknown>> {
  const { steps } = translate(dumpOf(step)).spec as {
    readonly steps: readonly Readonly<Record<string, unknown>>[]
  }
  return steps[1] ?? {}
}
