import type { LLM } from '../../core/llm-spec.ts'

import { readReplyBody } from '../http/reply-body.ts'

import { toGeminiAnswer } from './gemini-answer.ts'
import { createGeminiBatches } from './gemini-batches.ts'
import { type GeminiBodyOptions, toGeminiBody } from './gemini-body.ts'
import { type GoogleConnection, createGoogleClient } from './google-client.ts'

/** A model behind the Gemini API or Vertex AI. */
export interface GeminiChatOptions extends GoogleConnection, GeminiBodyOptions {}

/** Makes a model live over Google's client, one attempt a call. */
export async function createGeminiChat(options: GeminiChatOptions): Promise<LLM> {
  const { type, model } = options
  const client = await createGoogleClient(options)
  // On Vertex AI jobs read from buckets and tables of the project, which nobody has told of.
  const jobs =
    options.vertex === undefined
      ? createGeminiBatches({
          connection: options,
          toBody: (request) => toGeminiBody(options, request),
          toAnswer: (call, body) =>
            toGeminiAnswer(call, readReplyBody(call, body, 'candidates'), model),
        })
      : undefined
  return {
    type,
    model,
    isSimulated: false,
    mostChoices: mostChoicesOf(model),
    async chat(request, callOptions) {
      const asked = toGeminiBody(options, request)
      const { call, body } = await client.ask(
        { method: 'generateContent', body: asked, wanted: 'candidates' },
        callOptions,
      )
      return toGeminiAnswer(call, body, model)
    },
    ...(jobs === undefined ? {} : { jobs }),
    async close() {
      await Promise.all([client.close(), jobs?.close()])
    },
  }
}

/** Most answers of one call: 8, but a model since Gemini 3 refuses more than one. */
function mostChoicesOf(model: string): number {
  return /gemini-[12]\b/.test(model) ? 8 : 1
}
