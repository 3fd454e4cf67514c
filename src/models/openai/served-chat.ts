import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'

import { type OpenAIChatOptions, createOpenAIChat } from './openai-chat.ts'
import { createOpenAIClient } from './openai-client.ts'

/** Makes the model live that a server lists first; it is asked for with the first request. */
export function createServedChat(options: OpenAIChatOptions): LLM {
  const client = createOpenAIClient(options)
  let named: Promise<LLM> | undefined
  let { model } = options

  async function findModel(): Promise<LLM> {
    const path = '/models'
    const { data } = await client.ask({ method: 'get', path, wanted: 'data' })
    const first: unknown = Array.isArray(data) ? data[0] : undefined
    const id = isObject(first) ? first['id'] : undefined
    if (typeof id !== 'string')
      throw new RetortError(
        'model-unknown',
        `${client.callOf(path).who} found no model at ${client.callOf(path).url}; name one in 'model'.`,
      )
    model = id
    const who = `${options.type} '${id}'`
    return createOpenAIChat({ ...options, model: id, wire: { ...options.wire, who, model: id } })
  }

  return {
    type: options.type,
    get model() {
      return model
    },
    isSimulated: false,
    mostChoices: options.mostChoices,
    async chat(request, callOptions) {
      callOptions?.signal?.throwIfAborted()
      // All wait for one answer; where it does not come, the next asks anew.
      named ??= findModel().catch((error: unknown) => {
        named = undefined
        throw error
      })
      const live = await named
      return live.chat(request, callOptions)
    },
    async close() {
      await client.close()
      await named?.then(
        (live) => live.close?.(),
        () => undefined,
      )
    },
  }
}
