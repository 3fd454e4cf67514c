import { answerText } from './answer-text.ts'
import { plainLine } from './plain-line.ts'

/** An item with the number that stands in front of it, if its list is numbered. */
interface Item {
  readonly number?: number
  readonly lines: string[]
}

const numbered =
  /^(?<indent>[ \t]*)[>#*_`+\-• ]*(?:(?:query|instruction|question|task|prompt|item|q)\s*)?[#([]?(?<number>\d{1,3})(?:\\?[.)\]:]|\s+[-–—](?=\s)|(?=[*_\s]*$))[)\]:*_`]*(?:\s+|(?!\d)|$)(?<rest>.*)$/i
const bulleted =
  /^(?<indent>[ \t]*)(?:>[ \t]*)?[-*+•‣◦▪●–—·](?:\s+|$)(?:\[[ x]?\]\s+)?(?<rest>.*)$/i

/**
 * Reads a list of `count` one-line texts: numbered, with bullets, one a line, or a JSON array of texts.
 *
 * Numbers, bullets, blank lines, rules, fences and markdown around a text are left out, as are words in front of the
 * list and, behind a blank line, after it. Indented lines belong to the item above them.
 *
 * @throws Error where there are more or fewer, the numbers are not 1 to `count`, or a line belongs to no item
 */
export function listItems(text: string, count: number): string[] {
  const answer = answerText(text)
  const items = jsonTexts(answer) ?? itemsOf(linesOf(answer))
  const numbers = items.flatMap(({ number }) => number ?? [])
  if (items.length !== count)
    throw new Error(
      `The answer has ${items.length === 1 ? '1 item' : `${items.length} items`}; it must have ${count}, as a list numbered from 1 to ${count}.`,
    )
  if (numbers.some((number, index) => number !== index + 1))
    throw new Error(
      `The answer numbers its items ${numbers.join(', ')}; number them from 1 to ${count}, in order.`,
    )
  return items.map(({ lines }, index) => {
    const item = lines.map(plainLine).filter(hasText).join('\n')
    if (item === '')
      throw new Error(`Item ${index + 1} of the answer is empty; write its text behind its number.`)
    return item
  })
}

/** Lines without fences and rules; digits in circles and boxes are written as numbers. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() === '' || (hasText(line) && !/^\s*```/.test(line)))
    .map((line) =>
      line
        .replace(
          /^(\s*)([①-⑳])/,
          (_, indent: string, digit: string) =>
            `${indent}${(digit.codePointAt(0) ?? 0) - 0x245f}. `,
        )
        .replace(/^(\s*)(\d+)\uFE0F?\u20E3/, '$1$2. '),
    )
}

function itemsOf(lines: readonly string[]): Item[] {
  const markerOf = (line: string) => [numbered, bulleted].find((pattern) => pattern.test(line))
  const first = lines.find((line) => markerOf(line) !== undefined)
  const marker = first === undefined ? undefined : markerOf(first)
  return marker === undefined ? plainItems(lines) : markedItems(lines, marker)
}

function markedItems(lines: readonly string[], marker: RegExp): Item[] {
  const items: Item[] = []
  let baseIndent = 0
  let isBehindBlank = false
  const last = lines.findLastIndex((line) => indentOf(marker.exec(line)) !== undefined)
  for (const [index, line] of lines.entries()) {
    const found = marker.exec(line)
    const indent = indentOf(found)
    const item = items.at(-1)
    if (item === undefined && indent !== undefined) baseIndent = indent
    if (indent !== undefined && indent <= baseIndent + 1) {
      const { number, rest = '' } = found?.groups ?? {}
      items.push({ lines: [rest], ...(number === undefined ? {} : { number: Number(number) }) })
    } else if (item !== undefined && hasText(line)) {
      const isItsOwn = /^\s/.test(line) || item.lines.every((own) => !hasText(own))
      // What ends with a colon goes on below; anything else there is a word to the reader.
      const isRemark = index > last && isBehindBlank && !/[:：]\W*$/.test(item.lines.at(-1) ?? '')
      if (isItsOwn) item.lines.push(line)
      else if (isRemark) break
      else
        throw new Error(
          `The line '${line.trim().slice(0, 80)}' of the answer belongs to no item; write each item on one numbered line.`,
        )
    }
    isBehindBlank = !hasText(line)
  }
  return items
}

function indentOf(found: RegExpExecArray | null): number | undefined {
  return found?.groups?.['indent']?.length
}

function plainItems(lines: readonly string[]): Item[] {
  const texts = lines.filter(hasText)
  const items = isIntroduction(texts[0], texts[1]) ? texts.slice(1) : texts
  const other = items.find((line) => /^\s*(?:["\]]*[|{}<[\]]|".*",\s*$)/.test(line))
  if (other !== undefined || isEnumerated(items))
    throw new Error(
      `The line '${(other ?? items[0] ?? '').trim().slice(0, 80)}' of the answer is no item of a list; write a list numbered as in '1. …', and nothing else.`,
    )
  return items.map((line) => ({ lines: [line] }))
}

function isIntroduction(first = '', second = ''): boolean {
  const isHeading = (line: string) => /^\s*(?:#|(\*\*|__).*\1[:：]?\s*$)/.test(line)
  return /[:：][*_\s]*$/.test(first) || (isHeading(first) && !isHeading(second))
}

/** Whether all lines begin with marks of a kind that is not read here: `1 Why?`, `a) Why?`, `II. Why?`. */
function isEnumerated(lines: readonly string[]): boolean {
  return (
    lines.length > 1 &&
    lines.every((line, index) => {
      const counted = /^\W*(?:[a-z]+\s+)?(\d+)/i.exec(line.normalize('NFKC'))?.[1]
      return Number(counted) === index + 1 || /^\s*\(?(?:[a-z]|[ivx]{1,4})[.)]\s/i.test(line)
    })
  )
}

function jsonTexts(text: string): Item[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value.map((item) => ({ lines: [item] }))
      : undefined
  } catch {
    return undefined
  }
}

function hasText(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line)
}
