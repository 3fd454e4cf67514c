import type { ChatAnswer, ChatRequest, Usage } from '../../core/chat.ts'
import { RetortError, isRetortError } from '../../core/errors.ts'
import type { ChatOptions, LLM } from '../../core/llm-spec.ts'

import type { InnerModel, InnerOptions } from '../../core/inner-model.ts'
import { sumOfUsage } from './sum-of-usage.ts'
import { withProposals } from './with-proposals.ts'

/** Models of which one answers with the help of the others. */
export interface MixtureOfAgentsOptions {
  readonly type: string
  readonly model: string
  readonly aggregator: InnerModel
  readonly proposers: readonly InnerModel[]
  readonly rounds: number
}

/** How long all that one answer takes is waited for. */
const longestMs = 600_000

/** Makes a mixture of models live. */
export function createMixtureOfAgents(options: MixtureOfAgentsOptions): LLM {
  const { type, model, aggregator, proposers, rounds } = options
  const who = `${type} '${model}'`
  const parts = [aggregator, ...proposers]
  let priority = 0
  return {
    type,
    model,
    isSimulated: parts.every(({ live }) => live.isSimulated),
    ...(aggregator.live.mostChoices === undefined
      ? {}
      : { mostChoices: aggregator.live.mostChoices }),
    async chat(request, chatOptions = {}) {
      chatOptions.signal?.throwIfAborted()
      if (request.messages[0]?.role === 'prompt')
        throw new RetortError(
          'request-invalid',
          `${who} cannot continue a raw prompt, since it shows its aggregator what others proposed; ask it with messages.`,
        )
      const inner = toInnerOptions(chatOptions, priority++)
      const usage = parts.map((): Usage => ({ inputTokens: 0, outputTokens: 0 }))
      const spent = (part: number, answer: ChatAnswer) => {
        usage[part] = sumOfUsage([usage[part], answer.usage])
        return answer
      }
      let proposals: readonly string[] = []
      for (let round = 0; round < rounds; round++) {
        const asked = proposalRequest(request, proposals)
        const made = await Promise.allSettled(
          proposers.map(async (proposer, index) =>
            spent(index + 1, await proposer.ask(asked, inner)),
          ),
        )
        proposals = proposalsOf(made, who)
      }
      const messages = withProposals(request.messages, proposals)
      const { choices } = spent(0, await aggregator.ask({ ...request, messages }, inner))
      return { choices, usage: sumOfUsage(usage), model, usageOfParts: usage }
    },
    async close() {
      await Promise.all(parts.map((part) => part.close()))
    },
  }
}

function toInnerOptions({ signal, example }: ChatOptions, priority: number): InnerOptions {
  return { signal, example, deadline: Date.now() + longestMs, priority }
}

/** Only the aggregator's answer has to be of a form, and only of it there may be several. */
function proposalRequest(
  { messages, parameters, sampleIndex }: ChatRequest,
  proposals: readonly string[],
): ChatRequest {
  return { messages: withProposals(messages, proposals), parameters, sampleIndex }
}

/**
 * The texts that were proposed. A proposer that refuses a request, or finds it too long, is done without, as long as
 * another has something to say.
 */
function proposalsOf(
  made: readonly PromiseSettledResult<ChatAnswer>[],
  who: string,
): readonly string[] {
  const failures = made.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  const [serious] = failures.filter((error) => !isRetortError(error) || error.verdict !== 'reject')
  if (serious !== undefined) throw serious
  const proposals = made.flatMap((each) =>
    each.status === 'fulfilled' ? (each.value.choices[0]?.text ?? []) : [],
  )
  const said = proposals.filter((text) => text.trim() !== '')
  if (said.length > 0) return said
  throw (
    failures[0] ??
    new RetortError('refusal', `None of the proposers of ${who} had anything to say.`)
  )
}
