import type { GraphNode, NodeKind, PipelineGraph } from './pipeline-graph.ts'

/** What stands around the label of each kind of node, which gives it its shape. */
const shapes: Readonly<Record<NodeKind, readonly [open: string, close: string]>> = {
  generator: ['[/', '/]'],
  map: ['[', ']'],
  task: ['([', '])'],
  join: ['{{', '}}'],
  global: ['[[', ']]'],
  dataset: ['[(', ')]'],
}

/**
 * A graph as a Mermaid flowchart: generators are parallelograms, tasks have round ends, joins are hexagons, global steps
 * have double sides, and parts of the dataset are cylinders. Rows go along a dotted arrow where a route sends them.
 */
export function toMermaid({ nodes, edges }: PipelineGraph): string {
  return [
    'flowchart TD',
    ...nodes.map((node) => `  ${node.id}${shaped(node)}`),
    ...edges.map(({ from, to, isRouted }) => `  ${from} ${isRouted ? '-.->' : '-->'} ${to}`),
    '',
  ].join('\n')
}

function shaped({ kind, name, details }: GraphNode): string {
  const [open, close] = shapes[kind]
  return `${open}"${[name, ...details].map(escaped).join('<br/>')}"${close}`
}

/** A text as Mermaid shows it: of what could be markup, a directive or the label's end, each character as its number. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replaceAll(/[^\p{L}\p{N} ._/:,+=()@-]/gu, (character) => `#${character.codePointAt(0)};`)
}
