import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  SequenceEvaluateOptions,
  Token,
} from 'node-llama-cpp'

import type { FinishReason } from '../../core/chat.ts'

import { TokenText } from '../token-text.ts'

/** How an answer is drawn. */
export interface Drawing {
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly seed: number
  readonly repeatPenalty: number
  readonly frequencyPenalty: number
  readonly presencePenalty: number
  readonly maxNewTokens: number
  readonly stops: readonly string[]
  readonly grammar?: LlamaGrammarEvaluationState
}

/** An answer, and how many tokens it took. */
export interface GeneratedAnswer {
  readonly text: string
  readonly finishReason: FinishReason
  readonly tokens: number
}

/** Tokens back to which repetitions count, as llama.cpp has it. */
const penalizedTokens = 64

/** Continues a prompt in one sequence of a context, which keeps what it has in common with its last. */
export async function generateAnswer(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  drawing: Drawing,
  signal: AbortSignal | undefined,
): Promise<GeneratedAnswer> {
  const answer = new TokenText<Token>((tokens) => model.detokenize(tokens), drawing.stops)
  const room = sequence.contextSize - 1 - prompt.length
  const mostTokens = Math.min(drawing.maxNewTokens, room)
  let count = 0
  let finishReason: FinishReason = 'length'
  const rest = await keepBeginning(sequence, prompt)
  for await (const token of sequence.evaluate(rest, toOptions(drawing, answer))) {
    signal?.throwIfAborted()
    count++
    if (model.isEogToken(token)) {
      finishReason = 'stop'
      break
    }
    answer.push(token)
    if (answer.isStopped) finishReason = 'stop'
    if (answer.isStopped || count >= mostTokens) break
  }
  const text = answer.end()
  return { text, finishReason: answer.isStopped ? 'stop' : finishReason, tokens: count }
}

/** Clears a sequence of what the prompt does not begin with; gives the tokens that are still to be read. */
async function keepBeginning(
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
): Promise<Token[]> {
  // The last token is always read again: the first of the answer follows from it.
  const beginning = prompt.slice(0, -1)
  if (beginning.length === 0) await sequence.clearHistory()
  else await sequence.adaptStateToTokens([...beginning], false)
  return prompt.slice(sequence.nextTokenIndex)
}

function toOptions(drawing: Drawing, answer: TokenText<Token>): SequenceEvaluateOptions {
  const { temperature, topP, topK, minP, seed, grammar } = drawing
  const { repeatPenalty, frequencyPenalty, presencePenalty } = drawing
  const isPenalized = repeatPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0
  return {
    temperature,
    topP,
    topK,
    minP,
    seed,
    yieldEogToken: true,
    ...(grammar === undefined ? {} : { grammarEvaluationState: grammar }),
    ...(isPenalized
      ? {
          repeatPenalty: {
            punishTokens: () => answer.tokens.slice(-penalizedTokens),
            maxPunishTokens: penalizedTokens,
            penalty: repeatPenalty,
            frequencyPenalty,
            presencePenalty,
          },
        }
      : {}),
  }
}
