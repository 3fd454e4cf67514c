import { z } from 'zod'

import { createFactory } from '../core/define-step.ts'
import type { ImageModelSpec } from '../core/llm-spec.ts'
import { rejectFor } from '../core/rejection.ts'
import type { AskingContext, CommonParams, Step, StepDefinition } from '../core/step.ts'

/** Parameters of {@link imageGeneration}. */
export interface ImageGenerationParams extends CommonParams {
  /** The model that makes images, such as `openAIImageGeneration({ model })`. */
  readonly imageGenerationModel: ImageModelSpec
}

/** What a row gets. */
type Imaged = {
  /** Where the image is: `store:`, then its key in the store. */
  readonly image: string
  /** The prompt that the provider made of the row's; `null` where it says none. */
  readonly revised_prompt: string | null
  readonly model_name: string
}

/** What the registry holds of it. */
export const imageGenerationDefinition: StepDefinition<{ readonly prompt: string }, Imaged> = {
  kind: 'map',
  type: 'ImageGeneration',
  version: '1',
  asks: 'images',
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({
    image: z.string(),
    revised_prompt: z.string().nullable(),
    model_name: z.string(),
  }),
  replaces: ['model_name'],
  async *process(rows, _params, context: AskingContext) {
    const going = rows.map(({ prompt }, rowIndex) =>
      context.makeImage({ prompt, rowIndex, sampleIndex: 0 }),
    )
    for (const asked of going)
      yield await asked.then(
        ({ image, revisedPrompt = null, model }) => ({
          image,
          revised_prompt: revisedPrompt,
          model_name: model,
        }),
        rejectFor,
      )
  },
}

/**
 * Makes an image of the column `prompt`.
 *
 * The file is kept in the store under the hash of its bytes, paid once; the column `image` says where
 * (`store:images/…`), as `textGenerationWithImage` takes it with `imageType: 'file'`. A prompt that the provider refuses
 * rejects its row.
 */
export const imageGeneration = createFactory(
  // The engine checks rows and parameters against the schemas before it calls.
  imageGenerationDefinition as unknown as StepDefinition,
) as unknown as (params: ImageGenerationParams) => Step<{ readonly prompt: string }, Imaged>
