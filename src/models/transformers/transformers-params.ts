import { homedir } from 'node:os'
import { basename, isAbsolute, join, resolve } from 'node:path'

import { z } from 'zod'

import type { Environment } from '../../core/environment.ts'
import type { LLMLimits, LLMPrices } from '../../core/llm-spec.ts'

import { generationKwargsShape } from '../model-params.ts'
import type { LoadOptions } from './thread-messages.ts'

const dtypes = ['auto', 'fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const

/** JSON Schema of {@link TransformersParams}. */
export const transformersShape = {
  model: z.string().min(1).describe('Name on the Hugging Face Hub, or the path of a folder.'),
  revision: z.string().min(1).default('main').describe('Branch, tag or commit on the Hub.'),
  dtype: z.enum(dtypes).optional().describe('Which weights to load; fp32 on a CPU by default.'),
  device: z.string().min(1).optional().describe('Where to compute; cpu by default.'),
  cacheDir: z.string().min(1).optional().describe('Where files of the Hub are kept.'),
  threads: z.int().min(1).optional().describe("Threads; the machine's cores by default."),
}

/** JSON Schema of how the vectors of a text's tokens become one. */
export const poolingSchema = z
  .enum(['mean', 'cls', 'last'])
  .default('mean')
  .describe("How the vectors of a text's tokens become one.")

/** JSON Schema of the generation parameters of transformers.js. */
export const transformersKwargs = z.object({
  ...generationKwargsShape,
  topK: z.int().min(0).optional().describe('Likeliest tokens to draw from; 0 for all.'),
  minP: z.number().min(0).max(1).optional().describe('Least share of the likeliest token.'),
  repetitionPenalty: z.number().positive().optional().describe('Above 1, repeats less.'),
  doSample: z
    .boolean()
    .optional()
    .describe('Whether tokens are drawn; false takes the likeliest each time.'),
})

/** Parameters of every model that transformers.js runs. */
export interface TransformersParams {
  /** Name on the Hugging Face Hub (`owner/name`), or the path of a folder: an absolute one, or one that begins with `./`. */
  readonly model: string
  /** Branch, tag or commit on the Hub; `main` by default. */
  readonly revision?: string
  /** Which of the model's weights to load; `fp32` on a CPU by default. */
  readonly dtype?: (typeof dtypes)[number]
  /** Where to compute: `cpu` by default; `cuda`, `webgpu`, `dml` or `coreml` where ONNX Runtime has them. */
  readonly device?: string
  /** Where files of the Hub are kept; `transformers.js` in `HF_HOME`, or in `~/.cache/huggingface`, by default. */
  readonly cacheDir?: string
  /** Threads to compute with; the machine's cores by default. */
  readonly threads?: number
  readonly limits?: LLMLimits
  /** What its tokens cost; a budget needs it, and 0 is an answer. */
  readonly prices?: LLMPrices
}

/** A model's name in rows: of a folder, its last part. */
export function nameOf(model: string): string {
  return isPath(model) ? basename(model) : model
}

/** What decides what is loaded. */
export function identityOf({ revision, dtype }: { revision: string; dtype?: string | undefined }) {
  return {
    ...(revision === 'main' ? {} : { revision }),
    ...(dtype === undefined ? {} : { dtype }),
  }
}

/** How a thread loads a model. */
export function toLoadOptions(
  type: string,
  task: LoadOptions['task'],
  params: z.output<z.ZodObject<typeof transformersShape>>,
  environment: Environment,
): LoadOptions {
  const { model, revision, dtype, device, threads } = params
  const home = environment['HF_HOME'] ?? join(homedir(), '.cache', 'huggingface')
  const isLocal = isPath(model)
  return {
    who: `${type} '${nameOf(model)}'`,
    type,
    task,
    source: isLocal ? resolve(model) : model,
    isLocal,
    revision,
    cacheDir: params.cacheDir ?? join(home, 'transformers.js'),
    host: (environment['HF_ENDPOINT'] ?? 'https://huggingface.co').replace(/\/*$/, '/'),
    dtype,
    device,
    threads,
  }
}

function isPath(model: string): boolean {
  return isAbsolute(model) || /^\.{1,2}[/\\]/.test(model)
}
