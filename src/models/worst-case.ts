import { imagesOf, textOf } from '../core/chat.ts'
import type { ChatRequest } from '../core/chat.ts'
import type { JsonObject } from '../core/json.ts'

import { mostNewTokens } from './model-params.ts'

/** Tokens that a provider's own marks around a message may take. */
const tokensAroundMessage = 16
/** The most that a provider of ours counts for one image. */
const tokensOfImage = 5_000

/**
 * The most tokens that a call may take: no token is shorter than a byte, and no answer longer than what is asked for.
 *
 * @param parameters - the model's own parameters of generation; the request's win
 */
export function worstCase(
  request: Pick<ChatRequest, 'messages' | 'parameters' | 'choices' | 'format'>,
  parameters: JsonObject,
): { readonly inputTokens: number; readonly outputTokens: number } {
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
