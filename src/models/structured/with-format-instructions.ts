import { system } from '../../core/chat.ts'
import type { AnswerFormat, ChatMessage } from '../../core/chat.ts'

/** Adds to a conversation, in words, what its answer has to be; a raw prompt stays as it is. */
export function withFormatInstructions(
  messages: readonly ChatMessage[],
  format: AnswerFormat,
): readonly ChatMessage[] {
  const instructions = instructionsFor(format)
  const [first, ...rest] = messages
  if (first?.role === 'prompt') return messages
  if (first?.role !== 'system') return [system(instructions), ...messages]
  const content =
    typeof first.content === 'string'
      ? `${first.content}\n\n${instructions}`
      : [...first.content, { type: 'text', text: instructions } as const]
  return [{ role: 'system', content }, ...rest]
}

function instructionsFor(format: AnswerFormat): string {
  if (format.format === 'regex')
    return `Your whole answer must match this regular expression, from its first character to its last. Write nothing before or after it.

${format.pattern}`
  const { $schema: _, ...schema } = format.schema
  return `Answer with JSON that follows the JSON Schema below. Write that JSON alone: no explanation, no Markdown, and not the schema itself.

JSON Schema:
${JSON.stringify(schema)}`
}
