import { z } from 'zod'

import { createFactory } from '../../core/define-step.ts'
import type { EmbeddingAnswer } from '../../core/embedding-model.ts'
import type { EmbeddingsSpec } from '../../core/llm-spec.ts'
import { reject, rejectFor } from '../../core/rejection.ts'
import type { AskingContext, CommonParams, Step, StepDefinition } from '../../core/step.ts'

/** Parameters of {@link embeddingGeneration}. */
export interface EmbeddingGenerationParams extends CommonParams {
  /** The model that turns texts into vectors, such as `openAIEmbeddings({ model })`. */
  readonly embeddings: EmbeddingsSpec
}

/** What a row gets. */
type Embedded = {
  /** 32-bit floats. */
  readonly embedding: number[]
  readonly model_name: string
}

/** What the registry holds of it. */
export const embeddingGenerationDefinition: StepDefinition<{ readonly text: string }, Embedded> = {
  kind: 'map',
  type: 'EmbeddingGeneration',
  version: '1',
  asks: 'embeddings',
  inputs: z.object({ text: z.string() }),
  outputs: z.object({
    embedding: z.array(z.number().meta({ format: 'float' })),
    model_name: z.string(),
  }),
  replaces: ['model_name'],
  async *process(rows, _params, context: AskingContext) {
    // Providers refuse a text of nothing, and all others of the same call with it.
    const texts = rows.flatMap(({ text }, rowIndex) =>
      text.trim() === '' ? [] : [{ text, rowIndex }],
    )
    const answers = context.embed(texts)
    const byRow = new Map(texts.map(({ rowIndex }, index) => [rowIndex, answers[index]]))
    for (const rowIndex of rows.keys()) {
      const answer = byRow.get(rowIndex)
      if (answer === undefined) yield reject('input-invalid', "Column 'text' holds no text.")
      else yield await answer.then(toColumns, rejectFor)
    }
  },
}

function toColumns({ vector, model }: EmbeddingAnswer): Embedded {
  const { buffer } = new Uint8Array(Buffer.from(vector, 'base64'))
  return { embedding: Array.from(new Float32Array(buffer)), model_name: model }
}

/**
 * Turns the column `text` into a vector, in the column `embedding` (a list of 32-bit floats).
 *
 * Texts go to the model as many at once as its provider takes; each vector is kept in the journal and paid once. A row
 * whose text is empty, or which the provider refuses, is rejected.
 */
export const embeddingGeneration = createFactory(
  // The engine checks rows and parameters against the schemas before it calls.
  embeddingGenerationDefinition as unknown as StepDefinition,
) as unknown as (params: EmbeddingGenerationParams) => Step<{ readonly text: string }, Embedded>
