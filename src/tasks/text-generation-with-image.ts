import { LRUCache } from 'lru-cache'
import { z } from 'zod'

import { user } from '../core/chat.ts'
import { defineTask } from '../core/define-task.ts'
import type { TaskOutput, TaskStep } from '../core/define-task.ts'
import { RetortError } from '../core/errors.ts'
import { mediaTypeOf } from '../core/media-type.ts'
import type { StepDefinition } from '../core/step.ts'
import type { TaskParams } from '../core/task.ts'
import {
  checkQuestion,
  exampleAnswer,
  questionColumns,
  questionReads,
  questionRowShape,
  questionShape,
  questionText,
  systemMessages,
} from './templated-question.ts'
import type { QuestionInput, QuestionParams } from './templated-question.ts'

const imageTypes = ['url', 'base64', 'file'] as const
type ImageType = (typeof imageTypes)[number]

const paramsSchema = z.object({
  ...questionShape,
  imageType: z.enum(imageTypes).default('url'),
  onCutOff: z.enum(['keep', 'reject']).default('keep'),
})
type FilledParams = z.output<typeof paramsSchema>

const imageSchemas: Readonly<Record<ImageType, z.ZodType<string>>> = {
  url: z.string().regex(/^(https?:|data:image\/)/, 'it is no address of an image on the web'),
  base64: z
    .string()
    .refine(
      (image) => dataUrl(image) !== undefined,
      'it is no PNG, JPEG, WebP or GIF image in base64',
    ),
  file: z
    .string()
    .min(1)
    .regex(/^(?!https?:|data:)/, `it is an address and no file; set imageType to 'url'`),
}

const rowSchemas = new LRUCache<string, z.ZodType<Record<string, unknown>>>({ max: 100 })

function rowSchema(params: FilledParams): z.ZodType<Record<string, unknown>> {
  const id = JSON.stringify([params.columns, params.imageType])
  const known = rowSchemas.get(id)
  if (known !== undefined) return known
  const schema = z.looseObject({
    ...questionRowShape(params),
    image: imageSchemas[params.imageType],
  })
  rowSchemas.set(id, schema)
  return schema
}

/** Where the engine or the provider finds an image; a file stays a path, which the engine reads. */
function addressOf(image: string, type: ImageType): string {
  return type === 'base64' ? (dataUrl(image) ?? image) : image
}

/** An image as an address that holds it, with the type that its first bytes say; `undefined` where it is none. */
function dataUrl(image: string): string | undefined {
  if (/^data:image\/[\w.+-]+;base64,/.test(image)) return image
  const base64 = image.replaceAll(/\s+/g, '')
  // Sixteen characters are the twelve bytes that tell every type.
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(base64)) return undefined
  const start = atob(base64.slice(0, 16))
  const mediaType = mediaTypeOf(Uint8Array.from(start, (byte) => byte.charCodeAt(0)))
  return mediaType === undefined ? undefined : `data:${mediaType};base64,${base64}`
}

const task = defineTask({
  type: 'TextGenerationWithImage',
  version: '1',
  params: paramsSchema,
  inputs: z.looseObject({
    instruction: z.string(),
    image: z.string(),
    system_prompt: z.string().nullish(),
  }) as z.ZodType<Record<string, unknown>>,
  outputs: z.object({ generation: z.string() }),
  rowSchema,
  reads(params) {
    const { reads, optional } = questionReads(params)
    return { reads: { ...reads, image: { type: 'string' } }, optional }
  },
  checkParams(params, stepName) {
    if (questionColumns(params).includes('image'))
      throw new RetortError(
        'parameter-invalid',
        `Parameter 'columns' of step '${stepName}' names 'image', which the model is shown and no template can write; leave it out.`,
      )
    checkQuestion(params, stepName)
  },
  onCutOff: (params) => params.onCutOff,
  formatInput: (row, { params }) => [
    ...systemMessages(row, params),
    user([
      { type: 'text', text: questionText(row, params) },
      { type: 'image', url: addressOf(String(row['image']), params.imageType) },
    ]),
  ],
  formatOutput: (text) => ({ generation: text }),
  example: (row, { params }) => exampleAnswer(questionText(row, params)),
})

/** Parameters of {@link textGenerationWithImage}. */
export interface TextGenerationWithImageParams extends TaskParams, QuestionParams {
  /**
   * What the column `image` holds: the `url` of an image on the web (the default), its bytes as `base64`, or the path of
   * a `file`, from the folder that the worker runs in, or `store:…`, as `imageGeneration` writes it.
   */
  readonly imageType?: ImageType
  /** What becomes of an answer that was cut off at `maxNewTokens`. Default `keep`. */
  readonly onCutOff?: 'keep' | 'reject'
}

/**
 * Asks a model about an image, once a row.
 *
 * Reads the columns that its template uses, `image` and, where there is one, `system_prompt`; writes `generation` and
 * `model_name`. The model has to read images. PNG, JPEG, WebP and GIF are known by their bytes; a row whose image is
 * missing, too large or something else is rejected as `input-invalid`.
 */
export function textGenerationWithImage<const Given extends TextGenerationWithImageParams>(
  params: Given,
): TaskStep<
  QuestionInput<Given> & { readonly image: string },
  TaskOutput<{ readonly generation: string }, Given>
> {
  // The columns follow from the parameters; the engine works them out again from their values.
  return task(params as never) as never
}

/** What the registry holds of it. */
export const textGenerationWithImageDefinition: StepDefinition = task.definition
