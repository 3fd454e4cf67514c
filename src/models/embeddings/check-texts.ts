import { RetortError } from '../../core/errors.ts'

/**
 * Checks the texts of a call before anything is sent.
 *
 * @throws RetortError `input-invalid` where one is empty, which no provider has a vector for
 * @throws RetortError `internal` where there are none or too many
 */
export function checkTexts(who: string, texts: readonly string[], mostTexts: number): void {
  if (texts.length === 0 || texts.length > mostTexts)
    throw new RetortError(
      'internal',
      `${who} takes 1 to ${mostTexts} texts at once, and was given ${texts.length}.`,
    )
  const index = texts.indexOf('')
  if (index === -1) return
  const which = texts.length === 1 ? '' : ` ${index + 1} of ${texts.length}`
  throw new RetortError(
    'input-invalid',
    `${who} has no vector for text${which}, which is empty; leave out rows without a text.`,
    { data: { index } },
  )
}
