import fc from 'fast-check'
import { expect, test } from 'vitest'

import { layOut } from '../../../src/core/graph/lay-out.ts'
import type { Box } from '../../../src/core/graph/picture.ts'
import { toGraph } from '../../../src/core/graph/pipeline-graph.ts'
import type { DrawnStep } from '../../../src/core/graph/pipeline-graph.ts'

/** Steps of which each reads some of those before it. */
const anySteps = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 14 })
  .map((reads) =>
    reads.map((sources, index): DrawnStep => {
      const after = index === 0 ? [] : [...new Set(sources.map((source) => `s${source % index}`))]
      return { name: `s${index}`, type: 'Step'.repeat(1 + (index % 4)), after }
    }),
  )

test('whatever the graph, boxes stand apart inside of the picture and edges go down from box to box', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const graph = toGraph(steps)
      const { boxes, lines, width, height } = layOut(graph)
      expect(boxes).toHaveLength(graph.nodes.length)
      for (const box of boxes) {
        expect(box.left).toBeGreaterThanOrEqual(0)
        expect(box.left + box.width).toBeLessThanOrEqual(width)
        expect(box.top + box.height).toBeLessThanOrEqual(height)
      }
      for (const [index, box] of boxes.entries())
        for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false)
      for (const [index, line] of lines.entries()) {
        const edge = graph.edges[index]
        const from = boxes.find(({ node }) => node.id === edge?.from)
        const to = boxes.find(({ node }) => node.id === edge?.to)
        expect(line[0]?.y).toBe((from?.top ?? 0) + (from?.height ?? 0))
        expect(line.at(-1)?.y).toBe(to?.top)
        expect(Math.abs((line.at(-1)?.x ?? 0) - middle(to))).toBeLessThan((to?.width ?? 0) / 2)
        for (const [at, point] of line.slice(1).entries())
          expect(point.y).toBeGreaterThanOrEqual(line[at]?.y ?? 0)
      }
    }),
    { numRuns: 60 },
  )
})

test('the steps of a chain stand below each other', () => {
  const { boxes } = layOut(
    toGraph([
      { name: 'a', type: 'Load' },
      { name: 'b', type: 'ALongerType', after: ['a'] },
      { name: 'c', type: 'C', after: ['b'] },
    ]),
  )
  const middles = boxes.map(middle)
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(1)
  expect(boxes.map(({ top }) => top)).toEqual(boxes.map(({ top }) => top).toSorted((a, b) => a - b))
})

test('branches whose order would cross edges are put into one that does not', () => {
  const { boxes } = layOut(
    toGraph([
      { name: 'load', type: 'L' },
      { name: 'left', type: 'A', after: ['load'] },
      { name: 'right', type: 'A', after: ['load'] },
      { name: 'of-right', type: 'B', after: ['right'] },
      { name: 'of-left', type: 'B', after: ['left'] },
    ]),
  )
  const at = (name: string) => middle(boxes.find(({ node }) => node.name === name))
  expect(at('left') < at('right')).toBe(at('of-left') < at('of-right'))
})

function middle(box: Box | undefined): number {
  return box === undefined ? Number.NaN : box.left + box.width / 2
}

function overlap(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  )
}
