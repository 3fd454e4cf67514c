import type { ChatAnswer, ChatChoice, FinishReason, TokenLogprob, Usage } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { countIn, modelIn } from '../http/reply-members.ts'

const finishReasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  // It would go on in a further call, which would be a second attempt.
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  ESCALATION: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
}

type Wire = Readonly<Record<string, unknown>>

/** Reads an answer in Google's wire format. */
export function toGeminiAnswer(call: ProviderCall, body: Wire, model: string): ChatAnswer {
  const { candidates, promptFeedback, usageMetadata, modelVersion } = body
  return {
    choices: choicesOf(call, candidates, promptFeedback),
    usage: toUsage(usageMetadata),
    model: modelIn(modelVersion, model),
  }
}

function choicesOf(
  call: ProviderCall,
  candidates: unknown,
  promptFeedback: unknown,
): readonly ChatChoice[] {
  if (Array.isArray(candidates) && candidates.length > 0) return candidates.map(toChoice)
  // What was asked is what the filter holds back; its tokens may be billed, so this is an answer.
  if (isObject(promptFeedback) && promptFeedback['blockReason'] !== undefined)
    return [{ text: null, finishReason: 'content-filter' }]
  throw new RetortError(
    'request-invalid',
    `${call.who} got a reply without a candidate from ${call.url}, so there is no answer to this request.`,
  )
}

function toChoice(candidate: unknown): ChatChoice {
  const { content, finishReason: reason, logprobsResult } = isObject(candidate) ? candidate : {}
  const parts = isObject(content) && Array.isArray(content['parts']) ? content['parts'] : []
  const known = parts.filter(isObject)
  const text = joined(known.filter(({ thought }) => thought !== true))
  const reasoning = joined(known.filter(({ thought }) => thought === true))
  const logprobs = toLogprobs(logprobsResult)
  const callsTool = text === null && known.some(({ functionCall }) => isObject(functionCall))
  return {
    text,
    finishReason: callsTool ? 'tool-calls' : (finishReasons[String(reason)] ?? 'unknown'),
    ...(reasoning === null ? {} : { reasoning }),
    ...(logprobs === undefined ? {} : { logprobs }),
  }
}

function joined(parts: readonly Wire[]): string | null {
  const texts = parts.map(({ text }) => text).filter((text) => typeof text === 'string')
  return texts.length === 0 ? null : texts.join('')
}

function toLogprobs(result: unknown): readonly TokenLogprob[] | undefined {
  if (!isObject(result) || !Array.isArray(result['chosenCandidates'])) return undefined
  const top = Array.isArray(result['topCandidates']) ? result['topCandidates'] : []
  return result['chosenCandidates'].map((chosen: unknown, index) => {
    const others: unknown = isObject(top[index]) ? top[index]['candidates'] : undefined
    return {
      ...toLogprob(chosen),
      ...(Array.isArray(others) ? { top: others.map(toLogprob) } : {}),
    }
  })
}

function toLogprob(candidate: unknown): Omit<TokenLogprob, 'top'> {
  const { token, logProbability } = isObject(candidate) ? candidate : {}
  return { token: typeof token === 'string' ? token : '', logprob: Number(logProbability ?? 0) }
}

/** Tokens of thoughts are billed as answers, and Google counts them apart from those. */
function toUsage(usage: unknown): Usage {
  const thoughts = countIn(usage, 'thoughtsTokenCount')
  const cached = countIn(usage, 'cachedContentTokenCount')
  return {
    inputTokens: countIn(usage, 'promptTokenCount') + countIn(usage, 'toolUsePromptTokenCount'),
    outputTokens: countIn(usage, 'candidatesTokenCount') + thoughts,
    ...(cached === 0 ? {} : { cachedInputTokens: cached }),
    ...(thoughts === 0 ? {} : { reasoningTokens: thoughts }),
  }
}
