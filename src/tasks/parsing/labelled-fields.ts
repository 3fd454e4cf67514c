/** A label and what stands behind it, up to the next label. */
export interface LabelledField {
  /** One of the labels that were asked for, as they are written there. */
  readonly label: string
  readonly value: string
}

/**
 * Finds the lines of a text that begin with one of some labels and a colon (`Rating: 4`), in their order.
 *
 * Markdown around a label (`- **Rating:** 4`), its case, spaces and a remark in brackets (`Rating (1-5): 4`) do not
 * matter; a heading (`## Rating`) needs no colon. What comes before the first label is left out.
 */
export function labelledFields(text: string, labels: readonly string[]): LabelledField[] {
  const patterns = labels.map((label) => ({ label, pattern: labelPattern(label) }))
  const fields: { label: string; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    const begin = patterns
      .map(({ label, pattern }) => ({ label, value: valueBehind(line, pattern) }))
      .find(({ value }) => value !== undefined)
    if (begin === undefined) fields.at(-1)?.lines.push(line)
    else fields.push({ label: begin.label, lines: [begin.value ?? ''] })
  }
  return fields.map(({ label, lines }) => ({ label, value: trimmed(lines.join('\n')) }))
}

/** Matches a line that begins with a label: marks, the label, a remark, a colon, and the value. */
function labelPattern(label: string): RegExp {
  const marks = String.raw`(?<marks>[\s>#*_\-•+\x60]*(?:\d+[.)][\s*_\x60]*)?)`
  const remark = String.raw`(?:\s*(?:\([^)]*\)|\[[^\]]*\]))?`
  return new RegExp(
    String.raw`^${marks}${label}${remark}(?<closing>[\s*_\x60]*)(?<colon>[:：])?(?<behind>[*_\x60]*)(?<rest>.*)$`,
    'iu',
  )
}

function valueBehind(line: string, pattern: RegExp): string | undefined {
  const found = pattern.exec(line)?.groups
  if (found === undefined) return undefined
  const { marks = '', closing = '', colon, behind = '', rest = '' } = found
  if (colon === undefined) return rest.trim() === '' && /#|\*\*|__/.test(marks) ? '' : undefined
  // Marks that close what began before the label are no part of the value; others begin it: `Rating: **4**`.
  const isClosed = /[*_`]/.test(marks) && !/[*_`]/.test(closing)
  return isClosed ? rest : behind + rest
}

/** Without the rules, fences and marks that belong to what surrounds a value. */
function trimmed(value: string): string {
  let text = value.trim()
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/(?:^|\n)[ \t]*(?:[-*_=~] *){3,}$/, '').trim()
    if (isOdd(text, '```') && text.endsWith('```')) text = text.slice(0, -3).trim()
    for (const mark of ['**', '__'])
      if (isOdd(text, mark) && text.endsWith(mark)) text = text.slice(0, -mark.length).trim()
  }
  return text
}

function isOdd(text: string, mark: string): boolean {
  return (text.split(mark).length - 1) % 2 === 1
}
