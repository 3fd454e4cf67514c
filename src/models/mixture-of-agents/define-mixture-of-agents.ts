import { z } from 'zod'

import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLMSpec, ModelSpec } from '../../core/llm-spec.ts'
import { nearestName } from '../../core/names.ts'
import type { ModelIdentity, ModelType } from '../../core/registry.ts'

import { readParams } from '../check-params.ts'
import { toLLMDefinition } from '../model-definition.ts'
import type { LLMDefinition } from '../model-definition.ts'
import { mostNewTokens } from '../model-params.ts'

/** How the definitions of other models are found: by type, and not before one of them is needed. */
export type LookUpModels = () => ReadonlyMap<string, ModelType>

const type = 'MixtureOfAgentsLLM'

const innerModel = z.strictObject({
  type: z.string().min(1).describe('Its type.'),
  params: z.record(z.string(), z.json()).default({}).describe('Parameters of the type.'),
  limits: z
    .strictObject({
      maxConcurrency: z.int().min(1).optional().describe('Most calls in flight.'),
      requestsPerMinute: z.int().min(1).optional().describe('Most calls of a minute.'),
      tokensPerMinute: z.int().min(1).optional().describe('Most tokens of a minute.'),
      group: z.string().min(1).optional().describe('A name under which models share these.'),
    })
    .optional(),
  prices: z
    .strictObject({
      inputUsdPerMillion: z.number().min(0).describe('Of input tokens.'),
      outputUsdPerMillion: z.number().min(0).describe('Of output tokens.'),
      cachedInputUsdPerMillion: z
        .number()
        .min(0)
        .optional()
        .describe('Of input tokens that were at hand.'),
    })
    .optional(),
  module: z.string().optional().describe('The file that defines its type, where none is built in.'),
  export: z.string().optional().describe('The name under which that exports it.'),
})

const params = z.strictObject({
  aggregator: innerModel.describe('The model that makes one answer of what the others proposed.'),
  proposers: z
    .array(innerModel)
    .min(1)
    .max(32)
    .describe('The models that answer first, side by side.'),
  rounds: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'How often the proposers answer, each time knowing all answers before; 1 by default.',
    ),
})

type Given = z.output<typeof params>

/** Makes the code of `MixtureOfAgentsLLM`, whose parameters hold the specs of other models. */
export function defineMixtureOfAgents(lookUp: LookUpModels): LLMDefinition {
  const innerOf = ({ aggregator, proposers }: Given): readonly LLMSpec[] =>
    // JSON leaves out what is absent.
    [aggregator, ...proposers].map((spec) => JSON.parse(JSON.stringify(spec)) as LLMSpec)
  const definitionOf = (spec: ModelSpec) => findDefinition(lookUp(), spec)
  const identityOf = (spec: ModelSpec): ModelIdentity => definitionOf(spec).identity(spec)

  const definition = toLLMDefinition<Given>({
    type,
    factory: 'mixtureOfAgents',
    description: 'Several models, of which one answers with the help of the others.',
    params,
    // What of it holds is what the aggregator has.
    capabilities: {
      structured: ['json-schema', 'regex', 'tool', 'instructions'],
      images: true,
      logprobs: true,
      reasoning: true,
    },
    identity(given) {
      const [aggregator, ...proposers] = innerOf(given).map(identityOf)
      const rounds = given.rounds ?? 1
      const most = (identity: ModelIdentity | undefined) =>
        mostNewTokens(identity?.parameters ?? {})
      const proposed = proposers.reduce((sum, identity) => sum + most(identity), 0)
      return {
        provider: 'mixture-of-agents',
        model: nameOf([aggregator, ...proposers]),
        parameters: {
          maxNewTokens: rounds * proposed + most(aggregator),
          rounds,
          aggregator: { ...aggregator },
          proposers: proposers.map((identity) => ({ ...identity })),
        },
      }
    },
    async create(given, { environment, connectInner }) {
      const [{ createMixtureOfAgents }, { createLimitedLLM }] = await Promise.all([
        import('./mixture-of-agents-chat.ts'),
        import('../limited-llm.ts'),
      ])
      const specs = innerOf(given)
      const makeLive =
        connectInner ?? ((spec: LLMSpec) => createLimitedLLM(definitionOf(spec), spec, environment))
      const [aggregator, ...proposers] = await Promise.all(specs.map((spec) => makeLive(spec)))
      if (aggregator === undefined) throw new TypeError(`${type} has no aggregator`)
      const model = nameOf(specs.map(identityOf))
      return createMixtureOfAgents({
        type,
        model,
        aggregator,
        proposers,
        rounds: given.rounds ?? 1,
      })
    },
  })

  const read = (spec: ModelSpec) => readParams(params, spec)
  return {
    ...definition,
    check(spec, environment, stepName) {
      definition.check(spec, environment, stepName)
      for (const inner of innerOf(read(spec)))
        definitionOf(inner).check(inner, environment, stepName)
    },
    parts: (spec) => innerOf(read(spec)),
    withModels: (models) =>
      defineMixtureOfAgents(
        () => new Map([...models].map(([type, { definition }]) => [type, definition])),
      ),
  }
}

function nameOf(identities: readonly (ModelIdentity | undefined)[]): string {
  return ['moa', ...identities.map((identity) => identity?.model ?? '')].join('-')
}

function findDefinition(
  definitions: ReadonlyMap<string, ModelType>,
  spec: ModelSpec,
): LLMDefinition {
  const found = definitions.get(spec.type)
  if (found === undefined)
    throw new RetortError(
      'step-type-unknown',
      `A model of a ${type} has the type '${spec.type}', which is not known here. ${nearestName(spec.type, definitions.keys())}`,
    )
  if (!isLLM(found))
    throw new RetortError(
      'parameter-invalid',
      `A model of a ${type} has the type '${spec.type}', which answers no conversations.`,
      { data: { type: spec.type } satisfies JsonObject },
    )
  return found
}

function isLLM(definition: ModelType): definition is LLMDefinition {
  return definition.kind === 'llm'
}
