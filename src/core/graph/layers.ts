import type { PipelineGraph } from './pipeline-graph.ts'

/** Something that takes a place in a layer: a node, or where an edge passes a layer by. */
export interface Slot {
  /** The node's id; `undefined` where an edge passes. */
  readonly node: string | undefined
  /** Indexes of the slots that it is linked to in the layer above. */
  readonly above: number[]
  /** As `above`, in the layer below. */
  readonly below: number[]
}

/** Slots layer by layer; each link goes to a neighbouring layer. */
export type Layers = readonly (readonly Slot[])[]

/** An edge by the slots that it goes through, the layer of each one more than that before. */
export interface Route {
  readonly from: string
  readonly firstLayer: number
  readonly slots: readonly number[]
}

/** Sweeps after which the order of slots hardly gets better. */
const sweeps = 12

/** Puts nodes into layers, each below all that it reads, and orders every layer so that few edges cross. */
export function toLayers(graph: PipelineGraph): {
  readonly layers: Layers
  readonly routes: readonly Route[]
} {
  const depths = depthsOf(graph)
  const layers: Slot[][] = Array.from({ length: Math.max(0, ...depths.values()) + 1 }, () => [])
  const places = new Map<string, number>()
  const add = (layer: number, node: string | undefined): number =>
    (layers[layer]?.push({ node, above: [], below: [] }) ?? 0) - 1
  for (const { id } of graph.nodes) places.set(id, add(depths.get(id) ?? 0, id))
  const routes = graph.edges.map(({ from, to }): Route => {
    const [first, last] = [depths.get(from) ?? 0, depths.get(to) ?? 0]
    const slots = [places.get(from) ?? 0]
    for (let layer = first + 1; layer < last; layer++) slots.push(add(layer, undefined))
    slots.push(places.get(to) ?? 0)
    for (const [index, slot] of slots.slice(0, -1).entries()) {
      const next = slots[index + 1] ?? 0
      layers[first + index]?.[slot]?.below.push(next)
      layers[first + index + 1]?.[next]?.above.push(slot)
    }
    return { from, firstLayer: first, slots }
  })
  return reordered(layers, routes, bestOrder(layers))
}

/** How many edges the longest way to each node has. */
function depthsOf({ nodes, edges }: PipelineGraph): ReadonlyMap<string, number> {
  const sources = new Map<string, string[]>(nodes.map(({ id }) => [id, []]))
  for (const { from, to } of edges) sources.get(to)?.push(from)
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    const depth = Math.max(-1, ...(sources.get(id) ?? []).map(depthOf)) + 1
    depths.set(id, depth)
    return depth
  }
  for (const { id } of nodes) depthOf(id)
  return depths
}

/** For each layer, its slots in the order in which they are to stand. */
type Order = readonly (readonly number[])[]

function bestOrder(layers: Layers): Order {
  let order: Order = layers.map((layer) => [...layer.keys()])
  let best = order
  let fewest = crossingsOf(layers, order)
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    order = swept(layers, order, sweep % 2 === 0 ? 'above' : 'below')
    const crossings = crossingsOf(layers, order)
    if (crossings < fewest) [best, fewest] = [order, crossings]
  }
  return best
}

/** One pass from layer to layer, in which each slot goes where the middle of its neighbours is. */
function swept(layers: Layers, order: Order, side: 'above' | 'below'): Order {
  const next = order.map((layer) => [...layer])
  const indexes = [...layers.keys()]
  if (side === 'below') indexes.reverse()
  for (const index of indexes.slice(1)) {
    const neighbours = positionsIn(next[index + (side === 'above' ? -1 : 1)] ?? [])
    const own = positionsIn(next[index] ?? [])
    const centre = (slot: number) => {
      const linked = layers[index]?.[slot]?.[side] ?? []
      if (linked.length === 0) return own.get(slot) ?? 0
      return linked.reduce((sum, other) => sum + (neighbours.get(other) ?? 0), 0) / linked.length
    }
    next[index]?.sort((a, b) => centre(a) - centre(b) || (own.get(a) ?? 0) - (own.get(b) ?? 0))
  }
  return next
}

function positionsIn(layer: readonly number[]): ReadonlyMap<number, number> {
  return new Map(layer.map((slot, position) => [slot, position]))
}

function crossingsOf(layers: Layers, order: Order): number {
  let crossings = 0
  for (const [index, layer] of order.entries()) {
    const below = positionsIn(order[index + 1] ?? [])
    const ends = layer.map((slot) =>
      (layers[index]?.[slot]?.below ?? []).map((other) => below.get(other) ?? 0),
    )
    for (const [left, ones] of ends.entries())
      for (const others of ends.slice(left + 1))
        for (const one of ones) crossings += others.filter((other) => other < one).length
  }
  return crossings
}

function reordered(layers: Layers, routes: readonly Route[], order: Order) {
  const positions = order.map(positionsIn)
  const moved = (layer: number, slot: number) => positions[layer]?.get(slot) ?? slot
  return {
    layers: order.map((slots, layer) =>
      slots.flatMap((slot) => {
        const known = layers[layer]?.[slot]
        if (known === undefined) return []
        const above = known.above.map((other) => moved(layer - 1, other))
        const below = known.below.map((other) => moved(layer + 1, other))
        return [{ node: known.node, above, below }]
      }),
    ),
    routes: routes.map((route) => ({
      ...route,
      slots: route.slots.map((slot, index) => moved(route.firstLayer + index, slot)),
    })),
  }
}
