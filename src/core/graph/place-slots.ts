import type { Layers } from './layers.ts'

/** Passes after which slots hardly move any more. */
const passes = 40
const lastPasses = 8
/** How much more a link between two layers that an edge passes by pulls than any other, so that long edges are straight. */
const straightness = 8

/**
 * The middle of each slot from left to right: as near as can be to the middle of its neighbours, in the given order, and
 * never nearer to the one beside it than their widths and the gap allow.
 *
 * @param widths - of each slot
 */
export function placeSlots(
  layers: Layers,
  widths: readonly (readonly number[])[],
  gap: number,
): number[][] {
  const offsets = widths.map((layer) => {
    let at = 0
    return layer.map((width, index) => {
      if (index > 0) at += ((layer[index - 1] ?? 0) + width) / 2 + gap
      return at
    })
  })
  const centres = offsets.map((layer) => layer.map((at) => at - (layer.at(-1) ?? 0) / 2))
  for (let pass = 0; pass < passes; pass++) {
    const isDown = pass % 2 === 0
    const indexes = [...layers.keys()]
    if (!isDown) indexes.reverse()
    for (const index of indexes) {
      // In the end each slot looks both ways, so that what is above and below share the way that is left.
      const isLast = pass >= passes - lastPasses
      const wanted = (layers[index] ?? []).map((slot, position) => {
        const links = [
          ...(isDown || isLast ? slot.above.map((other) => ({ layer: index - 1, other })) : []),
          ...(!isDown || isLast ? slot.below.map((other) => ({ layer: index + 1, other })) : []),
        ]
        let [sum, weights] = [0, 0]
        for (const { layer, other } of links) {
          const isPassing = layers[layer]?.[other]?.node === undefined
          const weight = isPassing && slot.node === undefined ? straightness : 1
          sum += weight * (centres[layer]?.[other] ?? 0)
          weights += weight
        }
        return weights === 0 ? (centres[index]?.[position] ?? 0) : sum / weights
      })
      centres[index] = apart(wanted, offsets[index] ?? [])
    }
  }
  return centres
}

/**
 * The places nearest to the wanted ones (by the sum of squares) at which each slot stands at least as far behind the one
 * before as the offsets say: slots that would overlap are pooled, and the pool stands in the middle of its wishes.
 */
function apart(wanted: readonly number[], offsets: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = []
  for (const [index, place] of wanted.entries()) {
    let pool = { sum: place - (offsets[index] ?? 0), count: 1 }
    for (;;) {
      const before = pools.at(-1)
      if (before === undefined || before.sum / before.count <= pool.sum / pool.count) break
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count }
      pools.pop()
    }
    pools.push(pool)
  }
  const shifts = pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count))
  return shifts.map((shift, index) => shift + (offsets[index] ?? 0))
}
