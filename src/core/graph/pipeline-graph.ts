import type { StepSpec } from '../spec.ts'

/** What a node of a graph is: a step of some kind, or a part of the dataset. */
export type NodeKind = 'generator' | 'map' | 'task' | 'join' | 'global' | 'dataset'

/** One box of a pipeline's graph. */
export interface GraphNode {
  /** Unique in the graph, and nothing but letters and digits. */
  readonly id: string
  readonly kind: NodeKind
  /** The step's name; of a part of the dataset, the leaf's. */
  readonly name: string
  /** The step's type, the model that it asks, and the route behind it. */
  readonly details: readonly string[]
}

/** An arrow: rows go from one node to another. */
export interface GraphEdge {
  readonly from: string
  readonly to: string
  /** Whether a route decides for each row if it goes there. */
  readonly isRouted: boolean
}

/** A pipeline as boxes and arrows; nodes stand in the pipeline's order, parts of the dataset behind the steps. */
export interface PipelineGraph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** A step as far as its graph depends on it. */
export interface DrawnStep extends Pick<StepSpec, 'name' | 'type' | 'after' | 'route'> {
  /** What its definition says; told from its edges where that is not known. */
  readonly kind?: string | undefined
  /** The model that it asks. */
  readonly model?: string | undefined
}

/** The graph of a pipeline's steps, with a node for each part of the dataset that they leave. */
export function toGraph(steps: readonly DrawnStep[]): PipelineGraph {
  const ids = new Map(steps.map(({ name }, index) => [name, `s${index}`]))
  const routed = new Set(steps.flatMap(({ name, route }) => (route === undefined ? [] : [name])))
  const read = new Set(steps.flatMap(({ after = [] }) => after))
  const leaves = steps.filter(({ name }) => !read.has(name))
  return {
    nodes: [
      ...steps.map((step, index) => ({
        id: `s${index}`,
        kind: kindOf(step),
        name: step.name,
        details: [
          step.type,
          ...(step.model === undefined ? [] : [step.model]),
          ...(step.route === undefined ? [] : [`route: ${step.route.type}`]),
        ],
      })),
      ...leaves.map(({ name }, index) => ({
        id: `d${index}`,
        kind: 'dataset' as const,
        name,
        details: ['dataset'],
      })),
    ],
    edges: [
      ...steps.flatMap(({ name, after = [] }) =>
        after.map((other) => ({
          from: ids.get(other) ?? '',
          to: ids.get(name) ?? '',
          isRouted: routed.has(other),
        })),
      ),
      ...leaves.map(({ name }, index) => ({
        from: ids.get(name) ?? '',
        to: `d${index}`,
        isRouted: false,
      })),
    ],
  }
}

function kindOf({ kind, model, after = [] }: DrawnStep): NodeKind {
  if (kind === 'generator' || after.length === 0) return 'generator'
  if (kind === 'global' || kind === 'join') return kind
  if (model !== undefined) return 'task'
  return after.length > 1 ? 'join' : 'map'
}
