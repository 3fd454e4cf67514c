import { isObject } from '../../core/json.ts'

const codes: ReadonlySet<unknown> = new Set(['json_validate_failed', 'tool_use_failed'])

/**
 * The completion that a server refused to give, since the model's text does not hold the form that was asked for:
 * Groq shows it within its error, and whoever asked can say what is wrong with it.
 */
export function failedGeneration(error: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(error) || !codes.has(error['code'])) return undefined
  const text = error['failed_generation']
  if (typeof text !== 'string' || text.trim() === '') return undefined
  return { choices: [{ message: { content: text }, finish_reason: 'stop' }] }
}
