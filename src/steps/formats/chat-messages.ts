import { z } from 'zod'

import { assistant, system, user } from '../../core/chat.ts'

/** Messages as datasets have them: also of roles that no model is asked with. */
export const messagesSchema = z.array(z.object({ role: z.string(), content: z.string() }))

/** One of them. */
export type Message = z.output<typeof messagesSchema>[number]

/** What a row was asked, as messages: its instruction, behind its system prompt where it has one. */
export function toMessages(
  instruction: string,
  systemPrompt: string | null | undefined,
): Message[] {
  const isThere = systemPrompt !== undefined && systemPrompt !== null && systemPrompt !== ''
  return isThere ? [system(systemPrompt), user(instruction)] : [user(instruction)]
}

/** A conversation with the answer to it. */
export function withAnswer(messages: readonly Message[], answer: string): Message[] {
  return [...messages, assistant(answer)]
}

/** What the first message of a user says; `undefined` where there is none. */
export function firstUserPrompt(messages: readonly Message[]): string | undefined {
  return messages.find(({ role }) => role === 'user')?.content
}

/** Why a conversation without a user's message is rejected. */
export const noUserPrompt = "Column 'messages' holds no message of a user."
