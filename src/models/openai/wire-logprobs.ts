import type { TokenLogprob } from '../../core/chat.ts'
import { isObject } from '../../core/json.ts'

/** Reads log-probabilities: a list of tokens as of chat completions, or lists beside one another as of completions. */
export function toLogprobs(logprobs: unknown): readonly TokenLogprob[] | undefined {
  if (Array.isArray(logprobs)) return ofTokens(logprobs)
  if (!isObject(logprobs)) return undefined
  if (Array.isArray(logprobs['content'])) return ofTokens(logprobs['content'])
  const { tokens, token_logprobs: values, top_logprobs: tops } = logprobs
  if (!Array.isArray(tokens) || !Array.isArray(values)) return undefined
  return notEmpty(
    tokens.flatMap((token: unknown, index) =>
      toTokenLogprob(token, values[index], Array.isArray(tops) ? tops[index] : undefined),
    ),
  )
}

function ofTokens(items: readonly unknown[]): readonly TokenLogprob[] | undefined {
  return notEmpty(
    items.flatMap((item) =>
      isObject(item) ? toTokenLogprob(item['token'], item['logprob'], item['top_logprobs']) : [],
    ),
  )
}

function toTokenLogprob(token: unknown, logprob: unknown, top: unknown): TokenLogprob[] {
  if (typeof token !== 'string' || typeof logprob !== 'number') return []
  const likeliest = toTop(top)
  return [{ token, logprob, ...(likeliest.length === 0 ? {} : { top: likeliest }) }]
}

/** The likeliest tokens, from a list of them or from an object with one member a token. */
function toTop(top: unknown): readonly Omit<TokenLogprob, 'top'>[] {
  const pairs: (readonly [unknown, unknown])[] = Array.isArray(top)
    ? top.map((item) =>
        isObject(item) ? [item['token'], item['logprob']] : [undefined, undefined],
      )
    : isObject(top)
      ? Object.entries(top)
      : []
  return pairs
    .flatMap(([token, logprob]) =>
      typeof token === 'string' && typeof logprob === 'number' ? [{ token, logprob }] : [],
    )
    .toSorted((a, b) => b.logprob - a.logprob)
}

function notEmpty(tokens: readonly TokenLogprob[]): readonly TokenLogprob[] | undefined {
  return tokens.length === 0 ? undefined : tokens
}
