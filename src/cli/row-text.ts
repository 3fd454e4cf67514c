import { bold, dim } from './terminal.ts'

/** A row as people read it: a heading, then each column by itself. */
export function rowText(row: Readonly<Record<string, unknown>>, heading: string): string {
  const names = Object.keys(row)
  const width = Math.max(0, ...names.map((name) => name.length))
  const lines = names.map((name) => {
    const label = bold(showControls(name.padEnd(width)), process.stdout)
    const text = valueText(row[name])
    if (!text.includes('\n')) return `${label}  ${text}`
    return `${label}\n${text.replaceAll(/^/gm, '    ')}`
  })
  return [dim(`── ${heading} ──`, process.stdout), ...lines, '', ''].join('\n')
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return showControls(value)
  if (value === null || value === undefined) return dim('null', process.stdout)
  if (!hasLongText(value)) return showControls(JSON.stringify(value))
  if (Array.isArray(value))
    return `\n${value.map((item, index) => `[${index}] ${nested(item)}`).join('\n')}`
  return `\n${Object.entries(value)
    .map(([name, item]) => `${showControls(name)}: ${nested(item)}`)
    .join('\n')}`
}

function nested(value: unknown): string {
  return valueText(value).replaceAll('\n', '\n    ')
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
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
