import type { PreTrainedTokenizer, Tensor } from '@huggingface/transformers'

import { RetortError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import { type Random, createRandom } from '../../../core/random.ts'

import { createPromptWriter } from '../../prompt-writer.ts'
import { splitThoughts } from '../../../core/think-tags.ts'
import { TokenText } from '../../token-text.ts'
import type { Drawing, WriteReply, WriteRequest } from '../thread-messages.ts'
import { type TokenDrawing, drawToken } from './draw-token.ts'
import type { LoadedModel } from './load-model.ts'

/** Continues a prompt, token by token. */
export async function writeAnswer(
  loaded: LoadedModel,
  request: WriteRequest,
  signal: AbortSignal,
): Promise<WriteReply> {
  const { model, tokenizer, facts, who } = loaded
  const { drawing } = request
  const prompt = toPrompt(loaded, request)
  const inputs = toInputs(loaded, request, prompt)
  const inputTokens = inputs.input_ids.dims.at(-1) ?? 0
  if (inputTokens === 0)
    throw new RetortError('input-invalid', `${who} was asked to continue nothing.`)
  if (inputTokens >= facts.maxLength)
    throw new RetortError(
      'context-length',
      `${who} cannot read a prompt of ${inputTokens} tokens: it was made for ${facts.maxLength}; shorten the row.`,
      { data: { tokens: inputTokens, contextSize: facts.maxLength } },
    )
  const ends = endTokens(model.generation_config ?? model.config)
  const answer = new TokenText<number>(
    (tokens) =>
      // The library refuses to decode nothing.
      tokens.length === 0 ? '' : tokenizer.decode([...tokens], { skip_special_tokens: true }),
    drawing.stops,
  )
  let outputTokens = 0
  let isEnded = false
  const take = (token: number) => {
    outputTokens++
    isEnded = ends.has(token)
    if (!isEnded) answer.push(token)
    return answer.isStopped || signal.aborted
  }
  const own: unknown = model.generation_config
  const penalty = drawing.repetitionPenalty ?? numberIn(own, 'repetition_penalty') ?? 1
  await model.generate({
    ...inputs,
    max_new_tokens: Math.min(drawing.maxNewTokens, facts.maxLength - inputTokens),
    // The library draws without a seed of its own for each answer, and knows no top-p.
    do_sample: false,
    num_beams: 1,
    num_return_sequences: 1,
    repetition_penalty: penalty,
    logits_processor: drawingProcessors(
      loaded,
      drawing,
      inputTokens,
      // Under one seed, answers to several prompts would begin alike if they were drawn with the same numbers.
      createRandom(drawing.seed, prompt),
    ),
    stopping_criteria: stopWhen(loaded, take),
  })
  signal.throwIfAborted()
  const text = answer.end()
  const finishReason = isEnded || answer.isStopped ? 'stop' : 'length'
  const { reasoning = '' } = splitThoughts(text)
  const thoughtTokens = tokenizer.encode(reasoning, { add_special_tokens: false }).length
  return { text, finishReason, inputTokens, outputTokens, thoughtTokens }
}

interface Inputs {
  readonly input_ids: Tensor
  readonly attention_mask: Tensor
}

function toPrompt(loaded: LoadedModel, { messages, chatTemplate }: WriteRequest): string {
  const { tokenizer, who, promptWriters } = loaded
  const template = chatTemplate ?? ownTemplate(tokenizer)
  const known = promptWriters.get(template)
  if (known !== undefined) return known(messages)
  const { bos_token, eos_token, pad_token, unk_token } = tokenizer
  const specialTokens = { bos_token, eos_token, pad_token, unk_token }
  const write = createPromptWriter({ who, template, specialTokens })
  promptWriters.set(template, write)
  return write(messages)
}

function toInputs({ tokenizer }: LoadedModel, { messages }: WriteRequest, prompt: string): Inputs {
  const { bos_token } = tokenizer
  const isRaw = messages[0]?.role === 'prompt'
  const hasBeginning = typeof bos_token === 'string' && prompt.startsWith(bos_token)
  // A chat template writes special tokens itself.
  return tokenizer(prompt, { add_special_tokens: isRaw && !hasBeginning })
}

function ownTemplate(tokenizer: PreTrainedTokenizer): string | undefined {
  if (!tokenizer.chat_template) return undefined
  return tokenizer.get_chat_template()
}

/** The tokens that end an answer. */
function endTokens(config: unknown): ReadonlySet<unknown> {
  const ends = isObject(config) ? config['eos_token_id'] : undefined
  return new Set(Array.isArray(ends) ? ends : [ends])
}

/** What draws each token, and leaves the library no choice but to take it. */
function drawingProcessors(
  { module, model }: LoadedModel,
  drawing: Drawing,
  promptLength: number,
  random: Random,
) {
  const how = toTokenDrawing(drawing, model.generation_config)
  const { frequencyPenalty = 0, presencePenalty = 0 } = drawing
  class DrawnToken extends module.LogitsProcessor {
    override _call(ids: bigint[][], logits: Tensor): Tensor {
      // The library makes them 32-bit numbers first.
      const scores = logits.data as Float32Array
      if (frequencyPenalty !== 0 || presencePenalty !== 0)
        for (const [token, times] of counts(ids[0]?.slice(promptLength) ?? []))
          scores[token] = (scores[token] ?? 0) - frequencyPenalty * times - presencePenalty
      const drawn = drawToken(scores, how, random)
      scores.fill(Number.NEGATIVE_INFINITY)
      scores[drawn] = 0
      return logits
    }
  }
  const processors = new module.LogitsProcessorList()
  processors.push(new DrawnToken())
  return processors
}

function toTokenDrawing(drawing: Drawing, own: unknown): TokenDrawing {
  const ownSampling = isObject(own) ? own['do_sample'] : undefined
  const isSampled = drawing.doSample ?? ownSampling !== false
  return {
    temperature: isSampled ? (drawing.temperature ?? numberIn(own, 'temperature') ?? 1) : 0,
    topP: drawing.topP ?? numberIn(own, 'top_p') ?? 1,
    topK: drawing.topK ?? numberIn(own, 'top_k') ?? 0,
    minP: drawing.minP ?? numberIn(own, 'min_p') ?? 0,
  }
}

function numberIn(config: unknown, name: string): number | undefined {
  const value = isObject(config) ? config[name] : undefined
  return typeof value === 'number' ? value : undefined
}

function counts(tokens: readonly bigint[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>()
  for (const token of tokens) times.set(Number(token), (times.get(Number(token)) ?? 0) + 1)
  return times
}

function stopWhen({ module }: LoadedModel, take: (token: number) => boolean) {
  class AnswerEnd extends module.StoppingCriteria {
    override _call(ids: number[][]): boolean[] {
      return ids.map((tokens) => take(Number(tokens.at(-1))))
    }
  }
  return new AnswerEnd()
}
