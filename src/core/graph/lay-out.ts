import { edgeLines } from './edge-lines.ts'
import { toLayers } from './layers.ts'
import type { Layers } from './layers.ts'
import type { Band, Box, Picture } from './picture.ts'
import type { GraphNode, NodeKind, PipelineGraph } from './pipeline-graph.ts'
import { placeSlots } from './place-slots.ts'
import { textWidth } from './text-width.ts'

/** Sizes of the two kinds of text in a box. */
export const fontSizes = { name: 14, detail: 12 } as const
/** How far each line of a box lies below the one before. */
export const lineHeight = 17

const longestLine = 44
const margin = 16
const gapBetweenBoxes = 28
const gapBetweenLayers = 46
const verticalPadding = 11
/** Room that a shape needs beside its text. */
const sidePadding: Readonly<Record<NodeKind, number>> = {
  generator: 28,
  map: 16,
  task: 26,
  join: 30,
  global: 24,
  dataset: 18,
}

/** Finds a place for every node and every edge of a graph: sources above, parts of the dataset below. */
export function layOut(graph: PipelineGraph): Picture {
  const { layers, routes } = toLayers(graph)
  const sized = new Map(graph.nodes.map((node) => [node.id, sizeOf(node)]))
  const widths = layers.map((layer) =>
    layer.map(({ node }) => (node === undefined ? 0 : (sized.get(node)?.width ?? 0))),
  )
  const centres = placeSlots(layers, widths, gapBetweenBoxes)
  const edges = centres.flatMap((layer, index) =>
    layer.flatMap((centre, slot) => {
      const half = (widths[index]?.[slot] ?? 0) / 2
      return [centre - half, centre + half]
    }),
  )
  const shift = margin - Math.min(...edges)
  const placed = centres.map((layer) => layer.map((centre) => rounded(centre + shift)))
  const bands = bandsOf(layers, sized)
  const boxes = graph.nodes.flatMap((node) => {
    const size = sized.get(node.id)
    const layer = layers.findIndex((slots) => slots.some((slot) => slot.node === node.id))
    const slot = layers[layer]?.findIndex((one) => one.node === node.id) ?? -1
    const band = bands[layer]
    const centre = placed[layer]?.[slot]
    if (size === undefined || band === undefined || centre === undefined) return []
    const top = rounded(band.top + (band.bottom - band.top - size.height) / 2)
    return [{ node, ...size, left: rounded(centre - size.width / 2), top }]
  })
  return {
    width: Math.ceil(Math.max(...edges) + shift + margin),
    height: Math.ceil((bands.at(-1)?.bottom ?? 0) + margin),
    boxes,
    lines: edgeLines(graph, routes, boxes, placed, bands),
  }
}

type Size = Pick<Box, 'lines' | 'width' | 'height'>

function sizeOf({ kind, name, details }: GraphNode): Size {
  const lines = [name, ...details].map(cut)
  const widest = Math.max(
    ...lines.map((line, index) =>
      textWidth(line, index === 0 ? fontSizes.name * 1.04 : fontSizes.detail),
    ),
  )
  const cap = kind === 'dataset' ? 10 : 0
  return {
    lines,
    width: Math.ceil(widest) + 2 * sidePadding[kind],
    height: lines.length * lineHeight + 2 * verticalPadding + cap,
  }
}

function cut(line: string): string {
  const characters = Array.from(line)
  return characters.length <= longestLine
    ? line
    : `${characters.slice(0, longestLine - 1).join('')}…`
}

function bandsOf(layers: Layers, sizes: ReadonlyMap<string, Size>): readonly Band[] {
  const bands: Band[] = []
  let top = margin
  for (const layer of layers) {
    const heights = layer.map(({ node }) => sizes.get(node ?? '')?.height ?? 0)
    const bottom = top + Math.max(0, ...heights)
    bands.push({ top, bottom })
    top = bottom + gapBetweenLayers
  }
  return bands
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
