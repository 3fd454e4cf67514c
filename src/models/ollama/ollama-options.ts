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
  numa: flag.describe('Whether memory is kept near each processor.'),
  numCtx: z
    .int()
    .min(1)
    .optional()
    .describe('Tokens of prompt and answer together; a longer prompt is cut off without a word.'),
  numBatch: count.describe('Tokens of a prompt that are read at once.'),
  numGqa: count.describe('Groups of attention heads, for old models.'),
  numGpu: z.int().min(-1).optional().describe('Layers that go to the graphics card.'),
  mainGpu: count.describe('The graphics card that does what is not divided.'),
  lowVram: flag.describe('Whether to spare memory of the graphics card.'),
  f16Kv: flag.describe('Whether what was read is kept in 16 bits.'),
  logitsAll: flag.describe('Whether likelinesses are kept for every token.'),
  vocabOnly: flag.describe('Whether the vocabulary alone is loaded.'),
  useMmap: flag.describe('Whether the file is mapped into memory.'),
  useMlock: flag.describe('Whether the model is held in memory.'),
  embeddingOnly: flag.describe('Whether the model only turns texts into vectors.'),
  ropeFrequencyBase: number.describe('Base of the frequencies that tell places in a text.'),
  ropeFrequencyScale: number.describe('Scale of those frequencies.'),
  numThread: count.describe('Threads that compute.'),
  numKeep: z
    .int()
    .min(-1)
    .optional()
    .describe('Tokens of the prompt that stay where the context is full.'),
  seed: z.int().optional().describe('Asks for repeatable draws.'),
  numPredict: z.int().min(1).optional().describe('Most tokens of an answer, as maxNewTokens.'),
  topK: count.describe('How many of the likeliest tokens to draw from.'),
  topP: z.number().min(0).max(1).optional().describe('Share of the likeliest tokens to draw from.'),
  minP: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Least probability of a token, as a share of that of the likeliest.'),
  tfsZ: number.describe('Cuts off unlikely tokens where it is below 1.'),
  typicalP: number.describe(
    'Share of the tokens to draw from that are as surprising as is typical.',
  ),
  repeatLastN: z.int().min(-1).optional().describe('How far back repetitions are looked for.'),
  temperature: z.number().min(0).optional().describe('Randomness, from 0.'),
  repeatPenalty: number.describe('Makes what has been said less likely where it is above 1.'),
  presencePenalty: number.describe('Makes words less likely that came at all.'),
  frequencyPenalty: number.describe('Makes words less likely the more often they came.'),
  mirostat: z
    .union([z.literal(0), z.literal(1), z.literal(2)])
    .optional()
    .describe('0 for none, or version 1 or 2 of that way to draw.'),
  mirostatTau: number.describe('How surprising Mirostat keeps answers.'),
  mirostatEta: number.describe('How fast Mirostat learns.'),
  penalizeNewline: flag.describe('Whether line ends count as repetitions.'),
  stop: z.array(z.string()).optional().describe('Texts that end an answer.'),
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
