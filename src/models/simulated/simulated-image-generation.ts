import { z } from 'zod'

import type { ImageModel } from '../../core/image-model.ts'
import type { ImageModelSpec } from '../../core/llm-spec.ts'
import { createRandom, randomInteger } from '../../core/random.ts'

import { toImageModelDefinition } from '../model-definition.ts'
import { toModelSpec } from '../to-model-spec.ts'
import { type SimulatedOptions, modelShape, takeTime, tokensOf } from './simulated-call.ts'
import { toPNG } from './to-png.ts'

/** Parameters of {@link simulatedImages}. */
export interface SimulatedImagesOptions extends SimulatedOptions {
  /** Dots of a side; 64 by default. */
  readonly size?: number
}

const params = z.strictObject({
  ...modelShape,
  size: z.int().min(8).max(4096).default(64).describe('Dots of a side.'),
})

/** The code of `SimulatedImageGeneration`. */
export const simulatedImageGenerationDefinition = toImageModelDefinition({
  type: 'SimulatedImageGeneration',
  factory: 'simulatedImages',
  description: 'Makes a pattern of the prompt, and asks nobody.',
  params,
  isSimulated: true,
  identity: ({ model, size }) => ({ provider: 'simulated', model, parameters: { size } }),
  create: async (given) => createSimulatedImages(given),
})

/**
 * Names a model that needs no key and asks nobody: it makes a square pattern of the prompt, as PNG.
 *
 * The same prompt always has the same image, and each of several to one prompt its own. Datasets made with it say so.
 */
export function simulatedImages(options: SimulatedImagesOptions = {}): ImageModelSpec {
  return toModelSpec(simulatedImageGenerationDefinition, options)
}

function createSimulatedImages({ model, size, latencyMs }: z.output<typeof params>): ImageModel {
  return {
    type: 'SimulatedImageGeneration',
    model,
    isSimulated: true,
    async generate({ prompt, sampleIndex }, { signal } = {}) {
      await takeTime(latencyMs, signal)
      const dots = patternOf(createRandom('image', sampleIndex, prompt), size)
      return {
        image: { bytes: toPNG(size, size, dots), mediaType: 'image/png' },
        usage: { inputTokens: tokensOf(prompt), outputTokens: 0 },
        model,
      }
    },
  }
}

const fields = 8

/** Fields of two colours, the right half the mirror of the left. */
function patternOf(random: () => number, size: number): Uint8Array {
  const colours = [0, 1].map(() => [0, 1, 2].map(() => randomInteger(random, 256)))
  const isLit = Array.from({ length: (fields / 2) * fields }, () => random() < 0.5)
  const dots = new Uint8Array(size * size * 3)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const across = Math.floor((column * fields) / size)
      const down = Math.floor((row * fields) / size)
      const lit = isLit[down * (fields / 2) + Math.min(across, fields - 1 - across)] === true
      dots.set(colours[lit ? 1 : 0] ?? [], (row * size + column) * 3)
    }
  return dots
}
