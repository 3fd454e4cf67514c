import type { TextMessage } from '../../core/chat.ts'
import type { ChatFamily } from './chat-families.ts'

/**
 * A conversation as a family of models writes it.
 *
 * @throws Error with what the family does not take
 */
export function writeFamilyChat(
  family: ChatFamily,
  messages: readonly TextMessage[],
  addGenerationPrompt: boolean,
): string {
  const turns = withSystemInTurn(family, withDefaultSystem(family, messages))
  if (family.alternates === true) checkTurns(turns)
  const opening = family.opening ?? family.assistant[0]
  return [
    family.start,
    ...turns.map((message) => turnText(family, message)),
    addGenerationPrompt ? opening : '',
  ].join('')
}

function withDefaultSystem(
  { defaultSystem }: ChatFamily,
  messages: readonly TextMessage[],
): readonly TextMessage[] {
  if (defaultSystem === undefined || messages[0]?.role === 'system') return messages
  return [{ role: 'system', content: defaultSystem }, ...messages]
}

function withSystemInTurn(
  { systemIn, system: [before, after] }: ChatFamily,
  messages: readonly TextMessage[],
): readonly TextMessage[] {
  const [first, ...others] = messages
  if (systemIn === undefined || first?.role !== 'system') return messages
  const isUser = ({ role }: TextMessage) => role === 'user'
  const place =
    systemIn === 'first user turn' ? others.findIndex(isUser) : others.findLastIndex(isUser)
  if (place < 0) throw new Error('a system message needs a message of the user to stand in')
  return others.map((message, index) =>
    index === place
      ? { ...message, content: `${before}${first.content}${after}${message.content}` }
      : message,
  )
}

function turnText(family: ChatFamily, { role, content }: TextMessage): string {
  // A raw prompt stands alone, and is no turn.
  if (role === 'prompt') return content
  const [before, after] = family[role]
  return `${before}${family.trims?.includes(role) === true ? content.trim() : content}${after}`
}

function checkTurns(messages: readonly TextMessage[]): void {
  for (const [index, { role }] of messages.entries()) {
    const expected = index % 2 === 0 ? 'user' : 'assistant'
    if (role !== expected)
      throw new Error(
        `it holds a message of the ${role} where one of the ${expected} is due, as user and assistant take turns after an optional system message`,
      )
  }
}
