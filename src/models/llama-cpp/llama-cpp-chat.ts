import { randomInt } from 'node:crypto'

import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp'

import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { LLM } from '../../core/llm-spec.ts'

import { toLocalAnswer } from '../local-answer.ts'
import { defaultMaxNewTokens } from '../model-params.ts'
import { createPromptWriter } from '../prompt-writer.ts'
import { withFormatInstructions } from '../structured/with-format-instructions.ts'
import { type AnswerGrammar, AnswerGrammars } from './answer-grammar.ts'
import { type Drawing, generateAnswer } from './generate-answer.ts'
import { createContext } from './llama-context.ts'
import { llamaKwargs } from './llama-cpp-params.ts'
import type { GGUFParams } from './llama-cpp-params.ts'
import { loadGGUF } from './load-gguf.ts'
import { ModelCalls } from './model-calls.ts'
import { SequencePool } from './sequence-pool.ts'

/** A model in a GGUF file. */
export interface LlamaCppChatOptions extends GGUFParams {
  readonly model: string
  readonly parallel: number
  readonly chatTemplate?: string | undefined
  readonly structuredMode?: 'json-schema' | 'instructions' | undefined
  /** The model's own parameters of generation; a request's win. */
  readonly parameters: JsonObject
}

const type = 'LlamaCppLLM'
const mostSeeds = 2 ** 32

/** Makes a model live in this process. */
export async function createLlamaCppChat(options: LlamaCppChatOptions): Promise<LLM> {
  const who = `${type} '${options.model}'`
  const loaded = await loadGGUF(type, who, options)
  try {
    const { module, model, llama } = loaded.value
    const writePrompt = createPromptWriter({
      who,
      template: options.chatTemplate ?? model.fileInfo.metadata.tokenizer.chat_template,
      specialTokens: {
        bos_token: model.tokens.bosString ?? undefined,
        eos_token: model.tokens.eosString ?? undefined,
      },
    })
    const context = await createContext(loaded.value, who, options)
    const live: LiveContext = {
      who,
      model,
      context,
      pool: new SequencePool(context),
      grammars: options.structuredMode === 'instructions' ? undefined : new AnswerGrammars(llama),
      evaluate: ({ grammar }) => new module.LlamaGrammarEvaluationState({ model, grammar }),
      writePrompt,
    }
    const calls = new ModelCalls(who)
    return {
      type,
      model: options.model,
      isSimulated: false,
      chat: (request, { signal } = {}) =>
        calls.run(signal, () => answer(live, options, request, signal)),
      async close() {
        live.pool.close(calls.close())
        await context.dispose()
        await loaded.release()
      },
    }
  } catch (error) {
    await loaded.release()
    throw error
  }
}

interface LiveContext {
  readonly who: string
  readonly model: LlamaModel
  readonly context: LlamaContext
  readonly pool: SequencePool
  readonly grammars: AnswerGrammars | undefined
  readonly evaluate: (grammar: AnswerGrammar) => Drawing['grammar']
  readonly writePrompt: ReturnType<typeof createPromptWriter>
}

async function answer(
  live: LiveContext,
  options: LlamaCppChatOptions,
  request: ChatRequest,
  signal: AbortSignal | undefined,
): Promise<ChatAnswer> {
  const { who, model, context, pool } = live
  const { format, messages } = request
  const grammar = format === undefined ? undefined : await live.grammars?.of(format)
  const isTold = format !== undefined && grammar === undefined
  const prompt = toTokens(
    model,
    live.writePrompt(isTold ? withFormatInstructions(messages, format) : messages),
  )
  // One token must find room after the prompt, and llama.cpp keeps one free.
  if (prompt.length > context.contextSize - 2)
    throw new RetortError(
      'context-length',
      `${who} cannot read a prompt of ${prompt.length} tokens: its context holds ${context.contextSize}; raise contextSize or shorten the row.`,
      { data: { tokens: prompt.length, contextSize: context.contextSize } },
    )
  const drawing = toDrawing(who, { ...options.parameters, ...request.parameters }, request)
  const { text, finishReason, tokens } = await pool.use(prompt, signal, async (sequence) => {
    signal?.throwIfAborted()
    const held = grammar && { grammar: live.evaluate(grammar) }
    const stops = [...drawing.stops, ...(grammar?.stops ?? [])]
    return await generateAnswer(model, sequence, prompt, { ...drawing, ...held, stops }, signal)
  })
  const isTrimmed = grammar !== undefined && grammar.stops.length > 0
  return toLocalAnswer(request, {
    model: options.model,
    text: isTrimmed ? text.trimEnd() : text,
    finishReason,
    inputTokens: prompt.length,
    outputTokens: tokens,
    countTokens: (text) => model.tokenize(text).length,
  })
}

/** The tokens of a text, in which a template has written special ones. */
function toTokens(model: LlamaModel, text: string): readonly Token[] {
  const tokens = model.tokenize(text, true)
  const { bos, shouldPrependBosToken } = model.tokens
  const needsBeginning = shouldPrependBosToken && bos !== null && tokens[0] !== bos
  return needsBeginning ? [bos, ...tokens] : tokens
}

function toDrawing(who: string, parameters: JsonObject, { sampleIndex }: ChatRequest): Drawing {
  const checked = llamaKwargs.safeParse(parameters)
  if (!checked.success)
    throw new RetortError(
      'request-invalid',
      `${who} was asked with a parameter that it does not take: ${checked.error.issues[0]?.path.join('.')}.`,
      { cause: checked.error },
    )
  const { seed, stop = [], maxNewTokens = defaultMaxNewTokens, ...drawn } = checked.data
  return {
    temperature: drawn.temperature ?? 1,
    topP: drawn.topP ?? 1,
    topK: drawn.topK ?? 40,
    minP: drawn.minP ?? 0.05,
    repeatPenalty: drawn.repeatPenalty ?? 1,
    frequencyPenalty: drawn.frequencyPenalty ?? 0,
    presencePenalty: drawn.presencePenalty ?? 0,
    maxNewTokens,
    stops: typeof stop === 'string' ? [stop] : stop,
    // Several answers to one conversation would be one and the same under one seed.
    seed: seed === undefined ? randomInt(mostSeeds) : (seed + sampleIndex) % mostSeeds,
  }
}
