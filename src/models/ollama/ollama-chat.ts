import type { ChatMessage, ChatRequest } from '../../core/chat.ts'
import { textOf } from '../../core/chat.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'

import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { toOllamaAnswer } from './ollama-answer.ts'
import { toOllamaMessages } from './ollama-messages.ts'
import { toWireOptions } from './ollama-options.ts'
import type { OllamaConnection } from './ollama-server.ts'
import { createOllamaServer } from './ollama-server.ts'
import { seedOf } from '../model-params.ts'

/** A model behind Ollama's own API. */
export interface OllamaChatOptions extends OllamaConnection {
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** Ollama's own parameters. */
  readonly options: JsonObject
  readonly keepAlive: string | number | undefined
  /** `format`, `think` and `structuredMode`, where they were said. */
  readonly modes: JsonObject
}

/** Makes a model live over Ollama's own API, one attempt a call. */
export function createOllamaChat(options: OllamaChatOptions): LLM {
  const { type, model } = options
  const server = createOllamaServer(options)
  return {
    type,
    model,
    isSimulated: false,
    async chat(request, callOptions) {
      callOptions?.signal?.throwIfAborted()
      const [first] = request.messages
      const isRaw = first?.role === 'prompt'
      const [path, wanted] = isRaw ? ['/api/generate', 'response'] : ['/api/chat', 'message']
      const call = server.callOf(path)
      const asked = isRaw
        ? { prompt: textOf(first), raw: true }
        : {
            messages: await toOllamaMessages(
              messagesOf(request),
              call,
              server.http,
              callOptions?.signal,
            ),
          }
      const body = { model, ...asked, ...settingsOf(options, request) }
      const reply = await server.ask(path, wanted, body, callOptions)
      return toOllamaAnswer(call, reply, model)
    },
    close: server.http.close,
  }
}

/** Ollama holds a model to a schema without showing it one, and a model that knows what is wanted answers better. */
function messagesOf({ messages, format }: ChatRequest): readonly ChatMessage[] {
  return format === undefined ? messages : withFormatInstructions(messages, format)
}

/** Members that are `undefined` are left out by JSON. */
function settingsOf(
  options: OllamaChatOptions,
  { parameters, format, sampleIndex }: ChatRequest,
): object {
  const {
    temperature,
    topP,
    maxNewTokens,
    stop,
    seed = options.options['seed'],
    frequencyPenalty,
    presencePenalty,
    logprobs,
    topLogprobs,
  } = { ...options.parameters, ...parameters }
  const said = {
    temperature,
    top_p: topP,
    num_predict: maxNewTokens,
    stop: typeof stop === 'string' ? [stop] : stop,
    // The same seed would draw the same answer for each of several.
    seed: seedOf({ seed }, sampleIndex),
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
  }
  const heldTo =
    format?.format === 'json' && options.modes['structuredMode'] !== 'instructions'
      ? format.schema
      : undefined
  return {
    stream: false,
    options: { ...toWireOptions(options.options), ...definedOf(said) },
    format: format === undefined ? options.modes['format'] : heldTo,
    think: options.modes['think'],
    keep_alive: options.keepAlive,
    logprobs,
    top_logprobs: topLogprobs,
  }
}

function definedOf(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
