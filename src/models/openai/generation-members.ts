import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'

import type { OpenAIWireOptions, WirePath } from './openai-dialect.ts'

type Members = Record<string, unknown>

/** What a model refuses that thinks before it answers. */
const refusedByThinkers: ReadonlySet<string> = new Set([
  'temperature',
  'topP',
  'stop',
  'frequencyPenalty',
  'presencePenalty',
  'logprobs',
  'topLogprobs',
])

/** What chat completions take and the Responses API does not. */
const unknownToResponses: ReadonlySet<string> = new Set([
  'stop',
  'seed',
  'frequencyPenalty',
  'presencePenalty',
])

const responsesNames: Readonly<Record<string, string>> = {
  maxNewTokens: 'max_output_tokens',
  reasoningEffort: 'reasoning.effort',
  reasoningSummary: 'reasoning.summary',
  verbosity: 'text.verbosity',
}

/** What this file alone sends, or what no server is sent. */
const ownNames: ReadonlySet<string> = new Set(['extraBody', 'logprobs', 'topLogprobs'])

/**
 * Makes the function that gives the members of a body that say how to generate: under their names on the wire,
 * without those that the model refuses.
 */
export function createMembers(
  options: OpenAIWireOptions,
): (path: WirePath, parameters: JsonObject, sampleIndex: number) => Members {
  // Most requests bring no parameters, so that all that changes is the seed.
  const known = new Map<WirePath, Members>()
  const ownSeed = options.parameters['seed']
  return (path, parameters, sampleIndex) => {
    const isOwn = Object.keys(parameters).length === 0
    const found = isOwn ? known.get(path) : undefined
    const members = found ?? toMembers(options, path, { ...options.parameters, ...parameters })
    if (isOwn && found === undefined) known.set(path, members)
    const seed = parameters['seed'] ?? ownSeed
    // The same seed would draw the same answer for each of several.
    return typeof seed === 'number' && sampleIndex > 0 && 'seed' in members
      ? { ...members, seed: seed + sampleIndex }
      : members
  }
}

function toMembers(
  { dialect, wantsCompletionTokens, refusesSampling }: OpenAIWireOptions,
  path: WirePath,
  parameters: JsonObject,
): Members {
  const refusesNow = refusesSampling && parameters['reasoningEffort'] !== 'none'
  const isLeftOut = (name: string) =>
    (refusesNow && refusedByThinkers.has(name)) ||
    (path === '/responses' && unknownToResponses.has(name)) ||
    (path !== '/responses' && name === 'reasoningSummary')
  const names: Readonly<Record<string, string>> = {
    ...dialect.wireNames,
    maxNewTokens:
      wantsCompletionTokens && path === '/chat/completions'
        ? 'max_completion_tokens'
        : 'max_tokens',
    ...(path === '/responses' ? responsesNames : {}),
  }
  const { extraBody } = parameters
  const members: Members = isObject(extraBody) ? { ...extraBody } : {}
  for (const [name, wireName] of Object.entries(names)) {
    const value = parameters[name]
    if (value !== undefined && !ownNames.has(name) && !isLeftOut(name))
      put(members, wireName.split('.'), value)
  }
  if (isLeftOut('logprobs')) return members
  const { logprobs, topLogprobs } = parameters
  if (logprobs !== true && topLogprobs === undefined) return members
  return { ...members, ...logprobMembers(path, topLogprobs, dialect) }
}

function logprobMembers(
  path: WirePath,
  top: JsonValue | undefined,
  { countsLogprobs, flagsPromptLogprobs }: OpenAIWireOptions['dialect'],
): Members {
  if (path === '/responses')
    return { include: ['message.output_text.logprobs'], top_logprobs: top ?? 0 }
  const isCounted = path === '/completions' ? !flagsPromptLogprobs : countsLogprobs
  return isCounted ? { logprobs: top ?? 1 } : { logprobs: true, top_logprobs: top }
}

/** Puts a value where a path leads; objects on it stay as they were given. */
function put(members: Members, [first = '', ...rest]: readonly string[], value: JsonValue): void {
  if (rest.length === 0) {
    members[first] = value
    return
  }
  const within = members[first]
  const inner: Members = isObject(within) ? { ...within } : {}
  put(inner, rest, value)
  members[first] = inner
}
