import { withoutThoughts } from '../../core/think-tags.ts'

/**
 * A model's answer without what surrounds it: thoughts in front of it, a fence around all of it, line ends of Windows.
 *
 * @throws Error where there are thoughts alone
 */
export function answerText(text: string): string {
  const answer = withoutThoughts(text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\u200B\uFEFF]/g, ''))
  const [, inside] = /^\s*```[^\n`]*\n(.*?)\n?[ \t]*```\s*$/s.exec(answer) ?? []
  // With other fences between the first and the last, those two are no pair.
  const whole = inside === undefined || inside.includes('```') ? answer : inside
  // The indentation of the first line is that of a list.
  return whole.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}
