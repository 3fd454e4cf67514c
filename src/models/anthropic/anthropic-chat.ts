import type { ChatRequest } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { createAnthropicBatches } from './anthropic-batches.ts'
import { type AnthropicConnection, createAnthropicClient } from './anthropic-client.ts'
import { toMessagesAnswer } from './messages-answer.ts'
import { toMessagesBody } from './messages-body.ts'

/** A model behind Anthropic's Messages API. */
export interface AnthropicChatOptions extends AnthropicConnection {
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  readonly structuredMode: StructuredMode | undefined
}

/** Makes a Claude live over Anthropic's client, one attempt a call; its batches go over connections of their own. */
export function createAnthropicChat(options: AnthropicChatOptions): LLM {
  const client = createAnthropicClient(options)
  const { call } = client
  const { model, parameters, structuredMode } = options
  const bodyOptions = { who: call.who, model, parameters, structuredMode }
  const toBody = (request: ChatRequest) => toMessagesBody(bodyOptions, request)
  const jobs = createAnthropicBatches({ connection: options, toBody })
  return {
    type: options.type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      callOptions?.signal?.throwIfAborted()
      const reply = await client.ask(toBody(request), callOptions)
      return toMessagesAnswer(call, reply, model)
    },
    jobs,
    async close() {
      await Promise.all([client.close(), jobs.close()])
    },
  }
}
