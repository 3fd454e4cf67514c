/**
 * Takes an answer apart at its own headings, one for each thing that it is about: `### Text 2` and what follows.
 *
 * Headings may stand in any order, in any case and in any markdown, tag or bracket; what comes before the first is left
 * out. With one part to find, the heading may be missing.
 *
 * @param noun what is numbered, in lower case
 * @returns the parts in the order of their numbers
 * @throws Error where the numbers are not those from 1 to `count`, each once
 */
export function numberedParts(text: string, noun: string, count: number): string[] {
  const name = noun.charAt(0).toUpperCase() + noun.slice(1)
  const ask = `write a part for each of 1 to ${count}, below a line '### ${name} N'`
  const parts = new Map<number, string[]>()
  const pattern = headingPattern(noun)
  const closingTag = new RegExp(String.raw`^\s*[<[]/\s*${noun}\s*\d*\s*[>\]]\s*$`, 'i')
  let part: string[] | undefined
  for (const line of text.split('\n')) {
    const heading = headingOf(line, pattern)
    if (heading === undefined) {
      if (!closingTag.test(line)) part?.push(line)
      continue
    }
    if (parts.has(heading.number))
      throw new Error(`The answer has more than one part for ${noun} ${heading.number}; ${ask}.`)
    if (heading.number < 1 || heading.number > count)
      throw new Error(`The answer has a part for ${noun} ${heading.number}; ${ask}.`)
    part = [heading.rest]
    parts.set(heading.number, part)
  }
  if (parts.size === 0 && count === 1) return [text]
  return Array.from({ length: count }, (_, index) => {
    const lines = parts.get(index + 1)
    if (lines === undefined)
      throw new Error(`The answer has no part for ${noun} ${index + 1}; ${ask}.`)
    return lines.join('\n')
  })
}

/** Matches a heading: marks, the noun, its number, and what stands behind them on the line. */
function headingPattern(noun: string): RegExp {
  const marks = String.raw`(?<marks>[\s>#*_\-•<[("\x60]*(?:\d+[.)][\s*_]*)?)`
  const kind = String.raw`(?:(?:outputs?|ratings?|evaluation|assessment|feedback|review|results?|scores?)\s+(?:for|of)\s+)?`
  const name = String.raw`${noun}\s*[#№]?\s*(?<number>\d+)(?<closing>[\s#*_>\])"\x60]*)`
  return new RegExp(
    String.raw`^${marks}${kind}${name}(?<colon>[:：]|[-–—]\s)?[*_]*(?<rest>.*)$`,
    'iu',
  )
}

function headingOf(line: string, pattern: RegExp): { number: number; rest: string } | undefined {
  const found = pattern.exec(line)?.groups
  if (found === undefined) return undefined
  const { marks = '', number, closing = '', colon, rest = '' } = found
  // A sentence of prose may begin with the same words, but not with marks around them.
  const isOpen = /[#*_<[]/.test(marks) && (colon !== undefined || /[>\]]/.test(closing))
  return rest.trim() === '' || isOpen ? { number: Number(number), rest } : undefined
}
