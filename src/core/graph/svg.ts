import { fontSizes, layOut, lineHeight } from './lay-out.ts'
import type { Box, Point } from './picture.ts'
import type { NodeKind, PipelineGraph } from './pipeline-graph.ts'

/** Fill and outline of a kind of node. */
type Colours = readonly [fill: string, stroke: string]

/** Dark text stands on the fills. */
const light: Readonly<Record<NodeKind, Colours>> = {
  generator: ['#e6f0ff', '#3c74c6'],
  map: ['#f3f4f6', '#79828f'],
  task: ['#e6f6ec', '#2e8b57'],
  join: ['#fff3da', '#bd8418'],
  global: ['#f5eafb', '#8b4fb0'],
  dataset: ['#e0f4f5', '#1f838c'],
}

/** Light text stands on the fills. */
const dark: Readonly<Record<NodeKind, Colours>> = {
  generator: ['#172f4e', '#6fa8fb'],
  map: ['#2a2f37', '#9aa4b1'],
  task: ['#15372a', '#63c48c'],
  join: ['#3c2e10', '#dfad4b'],
  global: ['#33203f', '#c493e1'],
  dataset: ['#0f353a', '#5bbfc8'],
}

/** How far the sides of some shapes lean, or their corners stick out. */
const slant = 13
const capHeight = 7

/**
 * A graph as an SVG picture of its own, without scripts, fonts or addresses. Boxes have grounds of their own, and turn
 * dark where the reader prefers that, so that it can stand on any page.
 */
export function toSvg(graph: PipelineGraph, title: string): string {
  const { width, height, boxes, lines } = layOut(graph)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif">
<title>${escaped(title)}</title>
<style>
${styleSheet()}
</style>
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 10 5 0 9.2z" fill="#8a93a0"/></marker></defs>
<g fill="none" stroke="#8a93a0" stroke-width="1.5">
${lines.map((line) => `<path d="${curve(line)}" marker-end="url(#arrow)"/>`).join('\n')}
</g>
${boxes.map(drawn).join('\n')}
</svg>
`
}

function styleSheet(): string {
  const rules = (colours: typeof light) =>
    Object.entries(colours).map(
      ([kind, [fill, stroke]]) => `.${kind}{fill:${fill};stroke:${stroke}}`,
    )
  return [
    ...rules(light),
    '.name{fill:#1a2230;font-weight:600}',
    '.detail{fill:#505b69}',
    '@media (prefers-color-scheme:dark){',
    ...rules(dark),
    '.name{fill:#f0f4f9}',
    '.detail{fill:#b9c3cf}',
    '}',
  ].join('\n')
}

/** A line that leaves and arrives upright: it bends between layers and goes straight through them. */
function curve([first, ...others]: readonly Point[]): string {
  if (first === undefined) return ''
  let { x, y } = first
  let path = `M${x} ${y}`
  for (const [index, point] of others.entries()) {
    const middle = Math.round((y + point.y) * 5) / 10
    path +=
      index % 2 === 1 || x === point.x
        ? `L${point.x} ${point.y}`
        : `C${x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`
    ;({ x, y } = point)
  }
  return path
}

function drawn(box: Box): string {
  const { node, lines, left, top, width, height } = box
  const centre = left + width / 2
  const cap = node.kind === 'dataset' ? capHeight : 0
  const first = top + cap / 2 + (height - lines.length * lineHeight) / 2 + lineHeight * 0.74
  const texts = lines.map(
    (line, index) =>
      `<text class="${index === 0 ? 'name' : 'detail'}" font-size="${index === 0 ? fontSizes.name : fontSizes.detail}" x="${oneDigit(centre)}" y="${oneDigit(first + index * lineHeight)}">${escaped(line)}</text>`,
  )
  const whole = [node.name, ...node.details].map(escaped).join('\n')
  return `<g text-anchor="middle"><title>${whole}</title><path class="${node.kind}" stroke-width="1.5" d="${outline(box)}"/>${texts.join('')}</g>`
}

function outline({ node, left, top, width, height }: Box): string {
  const [right, bottom] = [left + width, top + height].map(oneDigit)
  switch (node.kind) {
    case 'generator':
      return `M${left + slant} ${top}H${right}L${oneDigit(left + width - slant)} ${bottom}H${left}Z`
    case 'task': {
      const radius = Math.min(height / 2, 22)
      return roundedBox(left, top, width, height, radius)
    }
    case 'join': {
      const middle = oneDigit(top + height / 2)
      return `M${oneDigit(left + slant)} ${top}H${oneDigit(left + width - slant)}L${right} ${middle}L${oneDigit(left + width - slant)} ${bottom}H${oneDigit(left + slant)}L${left} ${middle}Z`
    }
    case 'global':
      return `${roundedBox(left, top, width, height, 3)}M${oneDigit(left + 8)} ${top}V${bottom}M${oneDigit(left + width - 8)} ${top}V${bottom}`
    case 'dataset': {
      const [radius, sides] = [oneDigit(width / 2), oneDigit(height - 2 * capHeight)]
      const arc = `a${radius} ${capHeight} 0 0`
      return `M${left} ${oneDigit(top + capHeight)}${arc} 1 ${oneDigit(width)} 0v${sides}${arc} 1 ${oneDigit(-width)} 0zm${oneDigit(width)} 0${arc} 1 ${oneDigit(-width)} 0`
    }
    case 'map':
      return roundedBox(left, top, width, height, 4)
  }
}

function roundedBox(
  left: number,
  top: number,
  width: number,
  height: number,
  radius: number,
): string {
  const [across, down] = [width - 2 * radius, height - 2 * radius].map(oneDigit)
  const arc = `a${radius} ${radius} 0 0 1`
  return `M${oneDigit(left + radius)} ${top}h${across}${arc} ${radius} ${radius}v${down}${arc} -${radius} ${radius}h-${across}${arc} -${radius} -${radius}v-${down}${arc} ${radius} -${radius}z`
}

function oneDigit(value: number): number {
  return Math.round(value * 10) / 10
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** A text as XML holds it; characters that XML has no place for are blanks. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? '')
}
