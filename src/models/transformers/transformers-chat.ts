import { randomInt } from 'node:crypto'

import type { ChatRequest } from '../../core/chat.ts'
import type { Environment } from '../../core/environment.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'

import { toLocalAnswer } from '../local-answer.ts'
import { defaultMaxNewTokens } from '../model-params.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { createChatTemplate } from '../templates/create-chat-template.ts'
import { acquireThread } from './model-thread.ts'
import type { Drawing, LoadOptions } from './thread-messages.ts'
import { transformersKwargs } from './transformers-params.ts'

/** A model that transformers.js runs. */
export interface TransformersChatOptions {
  readonly model: string
  readonly load: LoadOptions
  readonly environment: Environment
  readonly chatTemplate: string | undefined
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
}

const mostSeeds = 2 ** 32

/** Makes a model live in a thread of this process. */
export async function createTransformersChat(options: TransformersChatOptions): Promise<LLM> {
  const { model, load, chatTemplate } = options
  // The thread would tell it only when it is asked.
  if (chatTemplate !== undefined) createChatTemplate(chatTemplate, { who: load.who })
  const { value: thread, release } = await acquireThread(load, options.environment)
  return {
    type: load.type,
    model,
    isSimulated: false,
    async chat(request, { signal } = {}) {
      signal?.throwIfAborted()
      const { format, messages } = request
      const drawing = toDrawing(load.who, options.parameters, request)
      const told = format === undefined ? messages : withFormatInstructions(messages, format)
      const written = await thread.ask('write', { messages: told, chatTemplate, drawing }, signal)
      const countTokens = () => written.thoughtTokens
      return toLocalAnswer(request, { model, ...written, countTokens })
    },
    close: release,
  }
}

function toDrawing(who: string, own: JsonObject, request: ChatRequest): Drawing {
  const checked = transformersKwargs.safeParse({ ...own, ...request.parameters })
  if (!checked.success)
    throw new RetortError(
      'request-invalid',
      `${who} was asked with a parameter that it does not take: ${checked.error.issues[0]?.path.join('.')}.`,
      { cause: checked.error },
    )
  const { seed, stop = [], maxNewTokens = defaultMaxNewTokens, ...drawing } = checked.data
  return {
    ...drawing,
    maxNewTokens,
    stops: typeof stop === 'string' ? [stop] : stop,
    // Several answers to one conversation would be one and the same under one seed.
    seed: seed === undefined ? randomInt(mostSeeds) : seed + request.sampleIndex,
  }
}
