import type { Cohere } from 'cohere-ai'

import type { LLM } from '../../core/llm-spec.ts'

import { toCohereAnswer } from './cohere-answer.ts'
import { type CohereBodyOptions, toCohereBody } from './cohere-body.ts'
import { type CohereConnection, createCohereCaller } from './cohere-client.ts'

/** A model behind Cohere's chat. */
export interface CohereChatOptions extends CohereConnection, Omit<CohereBodyOptions, 'who'> {}

/** Makes a model live over Cohere's client, one attempt a call. */
export function createCohereChat(options: CohereChatOptions): LLM {
  const { type, model } = options
  const { call, ask, close } = createCohereCaller(options, '/v2/chat', 'message')
  const bodyOptions = { ...options, who: call.who }
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      callOptions?.signal?.throwIfAborted()
      // The schema of the parameters has checked them, and the client checks them again.
      const body = toCohereBody(bodyOptions, request) as unknown as Cohere.V2ChatRequest
      return toCohereAnswer(call, await ask((client) => client.chat(body), callOptions), model)
    },
    close,
  }
}
