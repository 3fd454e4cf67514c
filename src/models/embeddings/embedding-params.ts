import { z } from 'zod'

import { type ProviderOptions, providerShape } from '../model-params.ts'

/** What every factory of a provider's model takes that turns texts into vectors. */
export interface EmbeddingsOptions extends Omit<ProviderOptions, 'generationKwargs'> {
  /** Whether vectors are brought to unit length; `false` by default, so that they stay as the provider sends them. */
  readonly normalize?: boolean
}

/** JSON Schema of {@link EmbeddingsOptions}, member by member. */
export const embeddingsShape = {
  ...providerShape,
  normalize: z.boolean().optional().describe('Brings vectors to unit length; false by default.'),
}

/** JSON Schema of a number of dimensions. */
export const dimensionsSchema = z
  .int()
  .min(1)
  .optional()
  .describe("Numbers of a vector; the model's own by default.")
