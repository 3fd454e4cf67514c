import type { GraphNode } from './pipeline-graph.ts'

/** A node with its place, in pixels from the picture's left top corner. */
export interface Box {
  readonly node: GraphNode
  /** Name and details, cut where they are very long. */
  readonly lines: readonly string[]
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A point of a picture, in pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A graph with everything in its place. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  /** The points of each edge, from top to bottom; between the first and the second, the third and the fourth, … it bends. */
  readonly lines: readonly (readonly Point[])[]
}

/** Where a layer begins and ends. */
export interface Band {
  readonly top: number
  readonly bottom: number
}
