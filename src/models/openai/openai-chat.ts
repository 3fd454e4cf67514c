import type { LLM } from '../../core/llm-spec.ts'

import { type ChatBodyOptions, toChatBody } from './chat-body.ts'
import { toChatAnswer } from './chat-completion.ts'
import { createOpenAIBatches } from './openai-batches.ts'
import { type OpenAIConnection, createOpenAIClient } from './openai-client.ts'

/** A model behind OpenAI's chat completions. */
export interface OpenAIChatOptions extends OpenAIConnection, ChatBodyOptions {
  /** Whether its server has OpenAI's Batch API. */
  readonly hasBatches?: boolean
}

/** Makes a model live over the `openai` client, one attempt a call. */
export function createOpenAIChat(options: OpenAIChatOptions): LLM {
  const { type, model } = options
  const path = '/chat/completions'
  const client = createOpenAIClient(options)
  const jobs = options.hasBatches
    ? createOpenAIBatches({
        connection: options,
        toWire: (request) => ({ path, body: toChatBody(options, request) }),
        toAnswer: (call, _, body) => toChatAnswer(call, body, model),
      })
    : undefined
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      const body = toChatBody(options, request)
      const reply = await client.ask({ path, body, wanted: 'choices' }, callOptions)
      return toChatAnswer(client.callOf(path), reply, model)
    },
    ...(jobs === undefined ? {} : { jobs }),
    async close() {
      await Promise.all([client.close(), jobs?.close()])
    },
  }
}
