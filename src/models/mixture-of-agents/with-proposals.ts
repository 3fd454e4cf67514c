import type { ChatMessage } from '../../core/chat.ts'
import { system } from '../../core/chat.ts'

const introduction =
  'Several assistants have answered the latest message of this conversation already; their answers follow, by number. ' +
  'Weigh them against one another and against what you know, since each of them may be wrong, one-sided or incomplete. ' +
  'Then give one answer of your own that is better than any of them: correct, complete, well organised and easy to follow. ' +
  'Copy none of them as it stands, and do not mention that there were other answers.'

/** Shows a model, in its system message, what others proposed; without proposals a conversation stays as it is. */
export function withProposals(
  messages: readonly ChatMessage[],
  proposals: readonly string[],
): readonly ChatMessage[] {
  if (proposals.length === 0) return messages
  const listed = proposals.map((proposal, index) => `${index + 1}. ${proposal}`)
  const shown = [introduction, ...listed].join('\n\n')
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [system(shown), ...messages]
  const content =
    typeof first.content === 'string'
      ? `${shown}\n\n${first.content}`
      : [{ type: 'text', text: shown } as const, ...first.content]
  return [{ role: 'system', content }, ...rest]
}
