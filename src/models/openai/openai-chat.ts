import type { ChatAnswer } from '../../core/chat.ts'
import type { LLM } from '../../core/llm-spec.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { createWire } from './chat-body.ts'
import { toChatAnswer } from './chat-completion.ts'
import { failedGeneration } from './failed-generation.ts'
import { createOpenAIBatches } from './openai-batches.ts'
import { type OpenAIConnection, createOpenAIClient } from './openai-client.ts'
import type { OpenAIWireOptions } from './openai-dialect.ts'
import { toResponsesAnswer } from './responses-api.ts'

/** A model behind OpenAI's API, or one like it. */
export interface OpenAIChatOptions extends OpenAIConnection {
  readonly wire: OpenAIWireOptions
  readonly mostChoices: number
}

/** Makes a model live over the `openai` client, one attempt a call. */
export function createOpenAIChat(options: OpenAIChatOptions): LLM {
  const { type, model, mostChoices } = options
  const client = createOpenAIClient(options)
  const toWire = createWire(options.wire)
  const toAnswer = (call: ProviderCall, path: string, body: unknown): ChatAnswer =>
    path === '/responses' ? toResponsesAnswer(call, body, model) : toChatAnswer(call, body, model)
  const jobs = options.wire.dialect.capabilities.batch
    ? createOpenAIBatches({ connection: options, toWire, toAnswer })
    : undefined
  return {
    type,
    model,
    isSimulated: false,
    mostChoices,
    async chat(request, callOptions) {
      callOptions?.signal?.throwIfAborted()
      const { path, body } = toWire(request)
      // A response that failed says more than its error.
      const wanted = path === '/responses' ? 'status' : 'choices'
      const asked = { path, body, wanted, replyWithin: failedGeneration }
      const reply = await client.ask(asked, callOptions)
      return toAnswer(client.callOf(path), path, reply)
    },
    ...(jobs === undefined ? {} : { jobs }),
    async close() {
      await Promise.all([client.close(), jobs?.close()])
    },
  }
}
