import type { LLM } from '../../core/llm-spec.ts'

import { type ChatBodyOptions, toChatBody } from './chat-body.ts'
import { toChatAnswer } from './chat-completion.ts'
import { type OpenAIConnection, createOpenAIClient } from './openai-client.ts'

/** A model behind OpenAI's chat completions. */
export interface OpenAIChatOptions extends OpenAIConnection, ChatBodyOptions {}

/** Makes a model live over the `openai` client, one attempt a call. */
export function createOpenAIChat(options: OpenAIChatOptions): LLM {
  const { type, model } = options
  const path = '/chat/completions'
  const client = createOpenAIClient(options)
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      const body = toChatBody(options, request)
      const reply = await client.ask({ path, body, wanted: 'choices' }, callOptions)
      return toChatAnswer(client.callOf(path), reply, model)
    },
    close: client.close,
  }
}
