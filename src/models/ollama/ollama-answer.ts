import type { ChatAnswer, FinishReason } from '../../core/chat.ts'
import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

import type { ProviderCall } from '../http/provider-call.ts'
import { countIn, modelIn } from '../http/reply-members.ts'
import { toLogprobs } from '../openai/wire-logprobs.ts'
import { splitThoughts } from '../../core/think-tags.ts'

type Reply = Readonly<Record<string, unknown>>

/** Reads a whole answer of Ollama's, to a conversation or to a raw prompt. */
export function toOllamaAnswer(call: ProviderCall, reply: Reply, model: string): ChatAnswer {
  const message = isObject(reply['message']) ? reply['message'] : reply
  const content = message['content'] ?? message['response']
  const toolCalls = message['tool_calls']
  const hasCalledTool = Array.isArray(toolCalls) && toolCalls.length > 0
  if (typeof content !== 'string' && !hasCalledTool)
    throw new RetortError(
      'request-invalid',
      `${call.who} got a reply without a message from ${call.url}, so there is no answer to this request.`,
    )
  const said = typeof content === 'string' ? content : ''
  const finishReason = hasCalledTool && said === '' ? 'tool-calls' : finishReasonOf(reply)
  const { thinking } = message
  const { text, reasoning } =
    typeof thinking === 'string' && thinking !== ''
      ? { text: said, reasoning: thinking }
      : splitThoughts(said)
  const logprobs = toLogprobs(reply['logprobs'])
  return {
    choices: [
      {
        text: finishReason === 'tool-calls' ? null : text,
        finishReason,
        ...(reasoning === undefined ? {} : { reasoning }),
        ...(logprobs === undefined ? {} : { logprobs }),
      },
    ],
    usage: {
      inputTokens: countIn(reply, 'prompt_eval_count'),
      outputTokens: countIn(reply, 'eval_count'),
    },
    model: modelIn(reply['model'], model),
  }
}

/** Versions before 0.1.33 tell that an answer is done, and not why. */
function finishReasonOf({ done, done_reason: reason }: Reply): FinishReason {
  if (reason === 'stop' || reason === 'length') return reason
  return reason === undefined && done === true ? 'stop' : 'unknown'
}
