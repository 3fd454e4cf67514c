import { z } from 'zod'

import type { JsonObject, JsonValue } from '../../core/json.ts'

/**
 * Ollama's own parameters of a model, as a Modelfile's `PARAMETER` sets them; Ollama leaves out what the
 * model at hand or its own version does not know.
 */
export interface OllamaModelOptions {
  /** Whether memory is taken close to the processor's cores that use it. */
  readonly numa?: boolean
  /**
   * Tokens of prompt and answer together, 4,096 in most versions: what comes before in a longer prompt is cut
   * off without a word.
   */
  readonly numCtx?: number
  /** Tokens of a prompt that are read at once. */
  readonly numBatch?: number
  /** Groups of the attention, for the few models that had to be told. */
  readonly numGqa?: number
  /** Layers that go to the graphics card. */
  readonly numGpu?: number
  /** The graphics card that holds what is small. */
  readonly mainGpu?: number
  readonly lowVram?: boolean
  readonly f16Kv?: boolean
  readonly logitsAll?: boolean
  readonly vocabOnly?: boolean
  readonly useMmap?: boolean
  readonly useMlock?: boolean
  readonly embeddingOnly?: boolean
  readonly ropeFrequencyBase?: number
  readonly ropeFrequencyScale?: number
  readonly numThread?: number
  /** Tokens at the prompt's beginning that stay when the context is full. */
  readonly numKeep?: number
  readonly seed?: number
  /** Most tokens of an answer, as `maxNewTokens`; never without an end, since budgets count with it. */
  readonly numPredict?: number
  readonly topK?: number
  readonly topP?: number
  readonly minP?: number
  readonly tfsZ?: number
  readonly typicalP?: number
  /** How far back repetitions are looked for: 0 not at all, -1 over the whole context. */
  readonly repeatLastN?: number
  readonly temperature?: number
  readonly repeatPenalty?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  /** 0 for none, or version 1 or 2 of that way to draw. */
  readonly mirostat?: 0 | 1 | 2
  readonly mirostatTau?: number
  readonly mirostatEta?: number
  readonly penalizeNewline?: boolean
  readonly stop?: readonly string[]
}

const flag = z.boolean().optional()
const number = z.number().optional()
const count = z.int().min(0).optional()

/** JSON Schema of {@link OllamaModelOptions}. */
export const ollamaModelOptionsSchema = z.strictObject({
  numa: flag,
  numCtx: z
    .int()
    .min(1)
    .optional()
    .describe('Tokens of prompt and answer together; a longer prompt is cut off without a word.'),
  numBatch: count,
  numGqa: count,
  numGpu: z.int().min(-1).optional().describe('Layers that go to the graphics card.'),
  mainGpu: count,
  lowVram: flag,
  f16Kv: flag,
  logitsAll: flag,
  vocabOnly: flag,
  useMmap: flag,
  useMlock: flag,
  embeddingOnly: flag,
  ropeFrequencyBase: number,
  ropeFrequencyScale: number,
  numThread: count,
  numKeep: z.int().min(-1).optional(),
  seed: z.int().optional(),
  numPredict: z.int().min(1).optional().describe('Most tokens of an answer, as maxNewTokens.'),
  topK: count,
  topP: z.number().min(0).max(1).optional(),
  minP: z.number().min(0).max(1).optional(),
  tfsZ: number,
  typicalP: number,
  repeatLastN: z.int().min(-1).optional().describe('How far back repetitions are looked for.'),
  temperature: z.number().min(0).optional(),
  repeatPenalty: number,
  presencePenalty: number,
  frequencyPenalty: number,
  mirostat: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  mirostatTau: number,
  mirostatEta: number,
  penalizeNewline: flag,
  stop: z.array(z.string()).optional(),
})

/** How a model is loaded, not what it answers. */
const aboutTheMachine: ReadonlySet<string> = new Set([
  'numa',
  'numGpu',
  'mainGpu',
  'lowVram',
  'useMmap',
  'useMlock',
  'numThread',
])

/** The options that answers depend on. */
export function decidingOptions(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !aboutTheMachine.has(name)))
}

/** Options under their names on the wire: `numCtx` is `num_ctx` there, `f16Kv` `f16_kv`. */
export function toWireOptions(options: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}
