import type { ChatRequest } from '../../core/chat.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'

/** What decides how a model's requests look on the wire. */
export interface ChatBodyOptions {
  readonly model: string
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** Whether the longest answer goes as `max_completion_tokens`. */
  readonly wantsCompletionTokens: boolean
}

/** The body of a chat completion; members that are `undefined` are left out by JSON. */
export function toChatBody(
  options: ChatBodyOptions,
  request: ChatRequest,
): Readonly<Record<string, unknown>> {
  const { extraBody, ...parameters }: Readonly<Record<string, JsonValue>> = {
    ...options.parameters,
    ...request.parameters,
  }
  return {
    // The schema of the parameters has checked that it is an object.
    ...(extraBody as JsonObject | undefined),
    model: options.model,
    messages: request.messages,
    temperature: parameters['temperature'],
    top_p: parameters['topP'],
    [options.wantsCompletionTokens ? 'max_completion_tokens' : 'max_tokens']:
      parameters['maxNewTokens'],
    stop: parameters['stop'],
    seed: parameters['seed'],
    frequency_penalty: parameters['frequencyPenalty'],
    presence_penalty: parameters['presencePenalty'],
  }
}
