import { z } from 'zod'

import type { Environment } from '../../core/environment.ts'
import { RetortError } from '../../core/errors.ts'
import type { LLMSpec } from '../../core/llm-spec.ts'

import { toLLMDefinition } from '../model-definition.ts'
import { type ProviderOptions, providerOf, providerShape, toMilliseconds } from '../model-params.ts'
import { toModelSpec } from '../to-model-spec.ts'

import {
  type GeminiGenerationKwargs,
  type GeminiStructuredMode,
  geminiCapabilities,
  geminiShape,
  withGeminiDefaults,
} from './gemini-params.ts'
import { vertexAddress, vertexBaseURL } from './google-address.ts'

/** Parameters of {@link vertexAI}. */
export interface VertexAIOptions extends ProviderOptions<GeminiGenerationKwargs> {
  /** The project of Google Cloud that is billed; with a key it may be left out. */
  readonly project?: string
  /** Where the model computes: `us-central1`, `europe-west4`, `us`, `eu` or `global`, the default. */
  readonly location?: string
  /**
   * The environment variable that holds the key; `null` for Application Default Credentials. By default these where
   * there is a `project`, else the key in `GOOGLE_API_KEY`.
   */
  readonly apiKeyEnv?: string | null
  /** The server's address; by default the one of the location. A version at its end holds in the place of `v1beta1`. */
  readonly baseURL?: string
  /** How answers are held to a schema: by Google (`json-schema`, the default) or in words. */
  readonly structuredMode?: GeminiStructuredMode
}

const params = z.strictObject({
  ...providerShape,
  apiKeyEnv: providerShape.apiKeyEnv.describe(
    'The variable of a key; GOOGLE_API_KEY where project is left out. Else Google Cloud has credentials.',
  ),
  ...geminiShape,
  project: z.string().min(1).optional().describe('The project of Google Cloud that is billed.'),
  location: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional()
    .describe('Where the model computes; global by default.'),
})

type Params = z.output<typeof params>

/** The code of `VertexAILLM`. */
export const vertexAILLM = toLLMDefinition({
  type: 'VertexAILLM',
  factory: 'vertexAI',
  description: 'Gemini on Google Cloud, with its credentials or a key.',
  params,
  peer: '@google/genai',
  capabilities: geminiCapabilities,
  // An answer is worth the same wherever it was computed, and whoever paid.
  identity: ({ model, provider, baseURL = vertexBaseURL, generationKwargs, structuredMode }) => ({
    provider: provider ?? providerOf(baseURL),
    model,
    parameters: {
      ...withGeminiDefaults(model, generationKwargs),
      ...(structuredMode === undefined ? {} : { structuredMode }),
    },
  }),
  keyVariable,
  async create(given, { environment, key }) {
    const { model, structuredMode } = given
    const project = given.project ?? (key === undefined ? projectIn(environment) : undefined)
    const { createGeminiChat } = await import('./gemini-chat.ts')
    return createGeminiChat({
      type: 'VertexAILLM',
      model,
      ...vertexAddress(project, given.location, given.baseURL),
      keyVariable: keyVariable(given),
      key,
      environment,
      parameters: withGeminiDefaults(model, given.generationKwargs),
      structuredMode,
      timeouts: toMilliseconds(given.timeouts),
    })
  },
})

/**
 * Names a Gemini model on Google Cloud's Vertex AI; it needs the package `@google/genai`.
 *
 * Calls bear Application Default Credentials (`gcloud auth application-default login`, a service account's file in
 * `GOOGLE_APPLICATION_CREDENTIALS`, or what the machine has), or the key in the variable that `apiKeyEnv` names.
 * The project may also come from `GOOGLE_CLOUD_PROJECT`. Two projects or locations in one pipeline share their limits
 * unless `limits.group` names them apart. What the models take is said at {@link gemini}.
 */
export function vertexAI(options: VertexAIOptions): LLMSpec {
  return toModelSpec(vertexAILLM, options)
}

function keyVariable({ apiKeyEnv, project }: Params): string | undefined {
  if (apiKeyEnv === undefined) return project === undefined ? 'GOOGLE_API_KEY' : undefined
  return apiKeyEnv ?? undefined
}

function projectIn(environment: Environment): string {
  const project = environment['GOOGLE_CLOUD_PROJECT']?.trim() ?? ''
  if (project !== '') return project
  throw new RetortError(
    'parameter-invalid',
    "VertexAILLM needs the parameter 'project', or the environment variable GOOGLE_CLOUD_PROJECT, where it has no key.",
  )
}
