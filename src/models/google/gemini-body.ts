import type { ChatRequest } from '../../core/chat.ts'
import { type JsonObject, type JsonValue, isObject } from '../../core/json.ts'
import type { StructuredMode } from '../../core/model-capabilities.ts'

import { withFormatInstructions } from '../structured/with-format-instructions.ts'

import { toGeminiContents } from './gemini-contents.ts'
import { toGeminiSchema } from './gemini-schema.ts'
import { seedOf } from '../model-params.ts'

/** What decides how a model's requests look on the wire. */
export interface GeminiBodyOptions {
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
  /** How it is held to a form, where that is not left to the schema. */
  readonly structuredMode: StructuredMode | undefined
}

/** A request in Google's wire format; members that are `undefined` are left out by JSON. */
export function toGeminiBody(
  options: GeminiBodyOptions,
  request: ChatRequest,
): Readonly<Record<string, unknown>> {
  const { extraBody, safetySettings, ...parameters }: Readonly<Record<string, JsonValue>> = {
    ...options.parameters,
    ...request.parameters,
  }
  const { format, choices = 1, messages } = request
  const isNative = format?.format === 'json' && options.structuredMode !== 'instructions'
  const extra = isObject(extraBody) ? extraBody : {}
  return {
    ...extra,
    ...toGeminiContents(
      format === undefined || isNative ? messages : withFormatInstructions(messages, format),
    ),
    generationConfig: {
      ...toGenerationConfig(parameters),
      seed: seedOf(parameters, request.sampleIndex),
      candidateCount: choices === 1 ? undefined : choices,
      ...(isNative
        ? {
            responseMimeType: 'application/json',
            responseJsonSchema: toGeminiSchema(format.schema),
          }
        : {}),
      ...(isObject(extra['generationConfig']) ? extra['generationConfig'] : {}),
    },
    safetySettings,
  }
}

function toGenerationConfig(
  parameters: Readonly<Record<string, JsonValue>>,
): Readonly<Record<string, unknown>> {
  const { stop, logprobs, topLogprobs } = parameters
  return {
    temperature: parameters['temperature'],
    topP: parameters['topP'],
    topK: parameters['topK'],
    maxOutputTokens: parameters['maxNewTokens'],
    stopSequences: typeof stop === 'string' ? [stop] : stop,
    frequencyPenalty: parameters['frequencyPenalty'],
    presencePenalty: parameters['presencePenalty'],
    responseLogprobs: logprobs === true || topLogprobs !== undefined ? true : undefined,
    logprobs: topLogprobs,
    thinkingConfig: parameters['thinkingConfig'],
  }
}
