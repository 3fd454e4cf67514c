import { contractOf } from '../../core/resolve-columns.ts'
import type { ResolvedStep } from '../../core/resolve-pipeline.ts'
import { schemaText } from '../../core/schema-text.ts'
import type { ColumnInfo, EdgeInfo } from './pipeline-info.ts'

/** Which columns go from step to step, and from leaves into the dataset. */
export function describeEdges(steps: readonly ResolvedStep[]): EdgeInfo[] {
  const read = new Set(steps.flatMap(({ spec }) => spec.after ?? []))
  return steps.flatMap((from) => {
    const readers = steps.filter(({ spec }) => spec.after?.includes(from.spec.name))
    const edges = readers.map((to) => edge(from, to))
    return read.has(from.spec.name) ? edges : [edge(from, undefined)]
  })
}

function edge(from: ResolvedStep, to: ResolvedStep | undefined): EdgeInfo {
  const reads = to === undefined ? new Map<string, string>() : columnsRead(to)
  return {
    from: from.spec.name,
    to: to?.spec.name ?? null,
    columns:
      from.columns === undefined
        ? null
        : Object.entries(from.columns.schemas).map(([name, schema]): ColumnInfo => ({
            name,
            type: schemaText(schema),
            schema,
            readAs: reads.get(name) ?? null,
          })),
  }
}

/** The data's columns that a step reads, with its own names of them. */
function columnsRead({ definition, spec, params }: ResolvedStep): ReadonlyMap<string, string> {
  if (definition.kind !== 'map') return new Map()
  const { reads } = contractOf(definition, params, spec.name)
  return new Map(Object.keys(reads).map((own) => [spec.inputs?.[own] ?? own, own]))
}
