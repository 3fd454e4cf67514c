import Table from 'cli-table3'

import { bold } from './terminal.ts'

/** A table without lines, as commands print lists. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const bare = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 }
  const lines = new Table({ chars: noLines, style: bare })
  lines.push(head.map((name) => bold(name, process.stdout)))
  for (const row of rows) lines.push([...row])
  if (rows.length === 0) lines.push(['none'])
  return `${lines.toString()}\n`.replaceAll(/ +$/gm, '')
}

const noLines = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((name) => [name, '']),
)
