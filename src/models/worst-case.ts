import { imagesOf, textOf } from '../core/chat.ts'
import type { ChatRequest } from '../core/chat.ts'
import { isObject } from '../core/json.ts'
import type { JsonObject } from '../core/json.ts'

import { mostNewTokens } from './model-params.ts'

/** Tokens that a provider's own marks around a message may take. */
const tokensAroundMessage = 16
/** The most that a provider of ours counts for one image. */
const tokensOfImage = 5_000

/** A request as far as its tokens depend on it. */
type WorstRequest = Pick<ChatRequest, 'messages' | 'parameters' | 'choices' | 'format'>

/** The most tokens that a call may take. */
interface WorstTokens {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** The words in which a model is shown what others proposed, and the numbers of these. */
const tokensAroundProposals = 1_000
/** What another model may make of one token: hardly any is longer than so many bytes. */
const tokensOfToken = 8

/**
 * The most tokens that a call may take: no token is shorter than a byte, and no answer longer than what is asked for.
 *
 * @param parameters - the model's own parameters of generation; the request's win
 */
export function worstCase(request: WorstRequest, parameters: JsonObject): WorstTokens {
  const { aggregator, proposers, rounds } = parameters
  if (isObject(aggregator) && Array.isArray(proposers))
    return worstOfMixture(request, [aggregator, ...proposers].map(parametersOf), Number(rounds))
  const merged = { ...parameters, ...request.parameters }
  // A schema or a tool among the parameters is read by the model, too.
  let inputTokens = Buffer.byteLength(JSON.stringify(merged))
  if (request.format !== undefined)
    inputTokens += 2 * Buffer.byteLength(JSON.stringify(request.format))
  for (const message of request.messages)
    inputTokens +=
      Buffer.byteLength(textOf(message)) +
      imagesOf(message).length * tokensOfImage +
      tokensAroundMessage
  return { inputTokens, outputTokens: mostNewTokens(merged) * (request.choices ?? 1) }
}

/** Of models of which one answers with the help of the others: each proposal is read by all that come behind it. */
function worstOfMixture(
  request: WorstRequest,
  [aggregator = {}, ...proposers]: readonly JsonObject[],
  rounds: number,
): WorstTokens {
  const { messages, parameters } = request
  const proposed = proposers.map((own) => worstCase({ messages, parameters }, own))
  const answer = worstCase(request, aggregator)
  const outputOfRound = sumOf(proposed.map(({ outputTokens }) => outputTokens))
  const shown = outputOfRound * tokensOfToken + tokensAroundProposals
  const readings = (rounds - 1) * proposers.length + 1
  return {
    inputTokens:
      rounds * sumOf(proposed.map(({ inputTokens }) => inputTokens)) +
      answer.inputTokens +
      readings * shown,
    outputTokens: rounds * outputOfRound + answer.outputTokens,
  }
}

function parametersOf(identity: unknown): JsonObject {
  const parameters = isObject(identity) ? identity['parameters'] : undefined
  // An identity holds nothing but JSON.
  return isObject(parameters) ? (parameters as JsonObject) : {}
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
