import { bold, dim } from './terminal.ts'

/** A row as people read it: a heading, then each column by itself. */
export function rowText(row: Readonly<Record<string, unknown>>, heading: string): string {
  const names = Object.keys(row)
  const width = Math.max(0, ...names.map((name) => name.length))
  const lines = names.map((name) =>
    labelled(bold(showControls(name.padEnd(width)), process.stdout), '  ', row[name]),
  )
  return [dim(`── ${heading} ──`, process.stdout), ...lines, '', ''].join('\n')
}

/** A value beside its label, or below it where it takes several lines. */
function labelled(label: string, separator: string, value: unknown): string {
  const text = valueText(value)
  if (!text.includes('\n')) return `${label}${separator}${text}`
  return `${label.trimEnd()}\n${text.replaceAll(/^/gm, '    ')}`
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return showControls(value)
  if (value === null || value === undefined) return dim('null', process.stdout)
  if (!hasLongText(value)) return showControls(JSON.stringify(value))
  const entries = Object.entries(value)
  return entries
    .map(([name, item]) =>
      Array.isArray(value)
        ? labelled(`[${name}]`, ' ', item)
        : labelled(`${showControls(name)}:`, ' ', item),
    )
    .join('\n')
}

/** Whether lists or objects hold texts that JSON on one line would make hard to read. */
function hasLongText(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(
    (item) => (typeof item === 'string' && /\n|.{80}/.test(item)) || hasLongText(item),
  )
}

/** Escapes what would make a terminal do something; line ends and tabs stay. */
function showControls(text: string): string {
  return text.replaceAll(
    /(?![\n\t])\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
