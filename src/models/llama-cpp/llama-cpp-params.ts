import { z } from 'zod'

import type { LLMLimits, LLMPrices } from '../../core/llm-spec.ts'

import { generationKwargsShape } from '../model-params.ts'

/** JSON Schema of what a model in a GGUF file takes, whatever it is for. */
export const ggufShape = {
  modelPath: z.string().min(1).describe('Path of a GGUF file.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Names the model in rows and signatures; by default the file does.'),
  gpu: z
    .union([z.enum(['auto', 'cuda', 'vulkan', 'metal']), z.literal(false)])
    .optional()
    .describe('Where to compute: the best that there is by default; false for the CPU alone.'),
  gpuLayers: z
    .union([z.enum(['auto', 'max']), z.int().min(-1)])
    .optional()
    .describe('Layers on the GPU: as many as fit by default; -1 for all.'),
  // llama.cpp counts the tokens of all contexts together in 32 bits.
  contextSize: z
    .int()
    .min(8)
    .max(4_194_304)
    .optional()
    .describe('Tokens of one prompt with its answer.'),
  batchSize: z.int().min(1).optional().describe('Tokens that are read at once; 512 by default.'),
  threads: z.int().min(1).optional().describe("Threads; the machine's cores by default."),
}

/** JSON Schema of the generation parameters of llama.cpp. */
export const llamaKwargs = z.object({
  ...generationKwargsShape,
  topK: z.int().min(0).optional().describe('Likeliest tokens to draw from; 40, 0 for all.'),
  minP: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Least probability of a token, as a share of the likeliest's; 0.05."),
  repeatPenalty: z
    .number()
    .positive()
    .optional()
    .describe('Makes tokens of the answer less likely to come again; 1, which is off.'),
})

/** Parameters that a model in a GGUF file takes, whatever it is for. */
export interface GGUFParams {
  /** Path of a GGUF file; of the first, where the model is split. */
  readonly modelPath: string
  /** Names the model in rows and signatures in the place of its file, so that answers stay good when it moves. */
  readonly model?: string
  /** Where to compute: the best that there is by default; `false` for the CPU alone. */
  readonly gpu?: 'auto' | 'cuda' | 'vulkan' | 'metal' | false
  /** Layers on the GPU: `'auto'`, as many as fit, by default; `'max'` or -1 for all. */
  readonly gpuLayers?: 'auto' | 'max' | number
  /** Tokens of one prompt with its answer: 4,096 by default, or what the model was made for, if that is less. */
  readonly contextSize?: number
  /** Tokens that are read at once; 512 by default. */
  readonly batchSize?: number
  /** Threads to compute with; the machine's cores by default. */
  readonly threads?: number
  readonly limits?: LLMLimits
  /** What its tokens cost; a budget needs it, and 0 is an answer. */
  readonly prices?: LLMPrices
}
