import type { AnswerFormat, ChatAnswer, FinishReason, TokenLogprob } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { countOfText } from '../http/reply-members.ts'
import type { HeaderReader } from '../http/retry-after.ts'
import { splitThoughts } from '../../core/think-tags.ts'
import { seedOf } from '../model-params.ts'

/** What a text generation is asked. */
export interface TextGeneration {
  readonly inputs: string
  /** Under the names of the factory's `generationKwargs`. */
  readonly parameters: JsonObject
  readonly sampleIndex: number
  /** What the answer is held to. */
  readonly grammar: AnswerFormat | undefined
}

/** What came back. */
export interface TextGenerationReply {
  readonly body: unknown
  readonly headers: HeaderReader
}

/** The body of a request to Text Generation Inference; members that are `undefined` are left out by JSON. */
export function toTextGenerationBody(asked: TextGeneration): object {
  const { temperature, topP, typicalP, seed, doSample, extraBody, ...named } = asked.parameters
  const { grammar } = asked
  return {
    // The schema of the parameters has checked that it is an object.
    ...(extraBody as JsonObject | undefined),
    inputs: asked.inputs,
    parameters: {
      max_new_tokens: named['maxNewTokens'],
      // Without them it takes what is likeliest from all tokens; it refuses to be told so by 0 and 1.
      temperature: temperature === 0 ? undefined : temperature,
      top_p: topP === 1 ? undefined : topP,
      typical_p: typicalP === 1 ? undefined : typicalP,
      do_sample: temperature === 0 ? false : doSample,
      top_k: named['topK'],
      repetition_penalty: named['repetitionPenalty'],
      frequency_penalty: named['frequencyPenalty'],
      watermark: named['watermark'],
      top_n_tokens: named['topNTokens'],
      // The same seed would draw the same answer for each of several.
      seed: seedOf({ seed }, asked.sampleIndex),
      stop: stopsOf(named['stop']),
      grammar: grammar === undefined ? undefined : toGrammar(grammar),
      return_full_text: false,
      details: true,
    },
  }
}

function toGrammar(format: AnswerFormat): JsonObject {
  return format.format === 'json'
    ? { type: 'json', value: format.schema }
    : { type: 'regex', value: format.pattern }
}

function stopsOf(stop: JsonValue | undefined): readonly string[] | undefined {
  if (typeof stop === 'string') return [stop]
  return Array.isArray(stop) ? stop.map(String) : undefined
}

/** Reads what Text Generation Inference answered: an object from `/generate`, a list of one from `/`. */
export function toTextGenerationAnswer(
  call: ProviderCall,
  { body, headers }: TextGenerationReply,
  model: string,
  { parameters }: Pick<TextGeneration, 'parameters'>,
): ChatAnswer {
  const generated: unknown = Array.isArray(body) ? body[0] : body
  const { generated_text: content, details } = isObject(generated) ? generated : {}
  if (typeof content !== 'string')
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without a text from ${call.url}, so there is no answer to this request.`,
    )
  const told = isObject(details) ? details : {}
  const hasStopAtEnd = told['finish_reason'] === 'stop_sequence'
  const { text, reasoning } = splitThoughts(
    hasStopAtEnd ? withoutStop(content, stopsOf(parameters['stop'])) : content,
  )
  const wantsLogprobs = parameters['logprobs'] === true || parameters['topNTokens'] !== undefined
  const logprobs = wantsLogprobs ? logprobsOf(told) : undefined
  return {
    choices: [
      {
        text,
        finishReason: finishReasons[String(told['finish_reason'])] ?? 'unknown',
        ...(reasoning === undefined ? {} : { reasoning }),
        ...(logprobs === undefined ? {} : { logprobs }),
      },
    ],
    usage: {
      inputTokens: countOfText(headers.get('x-prompt-tokens') ?? lengthOf(told['prefill'])),
      outputTokens: countOfText(told['generated_tokens'] ?? headers.get('x-generated-tokens')),
    },
    model,
  }
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  eos_token: 'stop',
  stop_sequence: 'stop',
  length: 'length',
}

/** It leaves the text that ended an answer at its end. */
function withoutStop(text: string, stops: readonly string[] = []): string {
  const stop = stops.find((stop) => stop !== '' && text.endsWith(stop))
  return stop === undefined ? text : text.slice(0, -stop.length)
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}

function logprobsOf({
  tokens,
  top_tokens: tops,
}: Readonly<Record<string, unknown>>): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(tokens) || tokens.length === 0) return undefined
  return tokens.flatMap((token: unknown, index) => {
    const top: unknown = Array.isArray(tops) ? tops[index] : undefined
    return toToken(token).map((found) =>
      Array.isArray(top) ? { ...found, top: top.flatMap(toToken) } : found,
    )
  })
}

function toToken(token: unknown): Omit<TokenLogprob, 'top'>[] {
  const { text, logprob } = isObject(token) ? token : {}
  return typeof text === 'string' && typeof logprob === 'number' ? [{ token: text, logprob }] : []
}
