import type { Route } from './layers.ts'
import type { Band, Box, Point } from './picture.ts'
import type { PipelineGraph } from './pipeline-graph.ts'

/** How far apart the ends of edges to one node are. */
const gapBetweenEnds = 16

/** The points of each edge of a graph, once its boxes and the middles of all slots are known. */
export function edgeLines(
  graph: PipelineGraph,
  routes: readonly Route[],
  boxes: readonly Box[],
  placed: readonly (readonly number[])[],
  bands: readonly Band[],
): readonly (readonly Point[])[] {
  const byId = new Map(boxes.map((box) => [box.node.id, box]))
  const xOf = (route: Route, index: number) =>
    placed[route.firstLayer + index]?.[route.slots[index] ?? 0] ?? 0
  return graph.edges.flatMap((edge, index) => {
    const route = routes[index]
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)]
    if (route === undefined || from === undefined || to === undefined) return []
    const points: Point[] = [{ x: xOf(route, 0), y: from.top + from.height }]
    for (let passed = 1; passed < route.slots.length - 1; passed++) {
      const { top, bottom } = bands[route.firstLayer + passed] ?? { top: 0, bottom: 0 }
      const x = xOf(route, passed)
      points.push({ x, y: top }, { x, y: bottom })
    }
    const last = route.slots.length - 1
    const rivals = graph.edges.flatMap((other, rival) => {
      const otherRoute = routes[rival]
      if (other.to !== edge.to || otherRoute === undefined) return []
      return [{ rival, x: xOf(otherRoute, otherRoute.slots.length - 2) }]
    })
    const position = rivals.toSorted((a, b) => a.x - b.x).findIndex(({ rival }) => rival === index)
    const room = Math.min(gapBetweenEnds, (to.width * 0.6) / rivals.length)
    const x = xOf(route, last) + (position - (rivals.length - 1) / 2) * room
    points.push({ x: Math.round(x * 10) / 10, y: to.top })
    return [points]
  })
}
