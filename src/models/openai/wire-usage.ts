import type { Usage } from '../../core/chat.ts'
import { isObject } from '../../core/json.ts'

import { countIn } from '../http/reply-members.ts'

/** Reads the tokens of a call, as chat completions, completions and the Responses API tell them. */
export function toUsage(usage: unknown): Usage {
  if (!isObject(usage)) return { inputTokens: 0, outputTokens: 0 }
  const inputTokens = countIn(usage, 'prompt_tokens') || countIn(usage, 'input_tokens')
  const said = countIn(usage, 'completion_tokens') || countIn(usage, 'output_tokens')
  const inputDetails = usage['prompt_tokens_details'] ?? usage['input_tokens_details']
  const outputDetails = usage['completion_tokens_details'] ?? usage['output_tokens_details']
  const reasoningTokens = countIn(outputDetails, 'reasoning_tokens')
  // DeepSeek tells what it had at hand beside the other counts.
  const cachedInputTokens =
    countIn(inputDetails, 'cached_tokens') || countIn(usage, 'prompt_cache_hit_tokens')
  const cacheWriteTokens =
    countIn(inputDetails, 'cache_write_tokens') || countIn(usage, 'cache_creation_input_tokens')
  // Some count what was thought beside what was said, not within it.
  const isApart =
    reasoningTokens > said ||
    (reasoningTokens > 0 && countIn(usage, 'total_tokens') === inputTokens + said + reasoningTokens)
  return {
    inputTokens,
    outputTokens: isApart ? said + reasoningTokens : said,
    ...(cachedInputTokens > 0 ? { cachedInputTokens } : {}),
    ...(cacheWriteTokens > 0 ? { cacheWriteTokens } : {}),
    ...(reasoningTokens > 0 ? { reasoningTokens } : {}),
  }
}
