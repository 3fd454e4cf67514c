import { membersOf, orNull } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { nearestName, quoted } from './names.ts'
import { uniteSchemas } from './unite-schemas.ts'
import type { StepSpec } from './spec.ts'
import type {
  BranchColumns,
  ColumnContract,
  ColumnSchemas,
  JoinDefinition,
  RowDefinition,
} from './step.ts'

/** The columns behind a step; `undefined` schemas where only reading the source will tell them. */
export interface StepColumns {
  readonly schemas: ColumnSchemas
  /** Column to the step that wrote it. */
  readonly writers: Readonly<Record<string, string>>
}

/** The columns behind a step that works row by row. @throws RetortError `column-missing`, `column-taken`, `parameter-unknown` */
export function mapColumns(
  definition: RowDefinition,
  step: StepSpec,
  params: Row,
  before: StepColumns,
): StepColumns & { readonly keeps: readonly string[] | undefined } {
  const contract = contractOf(definition, params, step.name, ownNames(step, before.schemas))
  checkMapping(step, 'inputs', contract.reads)
  checkMapping(step, 'outputs', contract.writes)
  const there = Object.keys(before.schemas)
  const reads = new Map(Object.keys(contract.reads).map((own) => [own, step.inputs?.[own] ?? own]))
  for (const [own, name] of reads)
    if (!there.includes(name) && (name !== own || !contract.optional.includes(own)))
      throw new RetortError(
        'column-missing',
        `Step '${step.name}' reads column '${name}', which no earlier step writes. Columns there: ${quoted(there) || 'none'}.`,
        { data: { step: step.name, column: name } },
      )
  const dropped = contract.drops?.map((own) => reads.get(own) ?? own)
  const keeps =
    contract.keeps?.map((own) => reads.get(own) ?? own) ??
    (dropped === undefined ? undefined : there.filter((name) => !dropped.includes(name)))
  const kept = keeps ?? there
  const schemas: Record<string, ColumnSchemas[string]> = {}
  const writers: Record<string, string> = {}
  for (const name of kept) {
    schemas[name] = before.schemas[name] ?? {}
    writers[name] = before.writers[name] ?? step.name
  }
  const mayReplace = new Set([...reads.values(), ...contract.replaces])
  const own = new Set<string>()
  for (const [ownName, schema] of Object.entries(contract.writes)) {
    const name = step.outputs?.[ownName] ?? ownName
    if (kept.includes(name) && !mayReplace.has(name))
      throw new RetortError(
        'column-taken',
        `Step '${step.name}' writes column '${name}', which step '${before.writers[name]}' has written already. Map it to another name with 'outputs'.`,
        { data: { step: step.name, column: name } },
      )
    if (own.has(name))
      throw new RetortError(
        'column-taken',
        `Step '${step.name}' writes column '${name}' twice; map one of the two to another name with 'outputs'.`,
        { data: { step: step.name, column: name } },
      )
    own.add(name)
    schemas[name] = schema
    writers[name] = step.name
  }
  return { schemas, writers, keeps }
}

/** The columns behind the last step of a branch. */
export interface JoinedColumns extends StepColumns {
  readonly name: string
  /** Whether rows may come to the join without it. */
  readonly isOptional: boolean
}

/** The columns behind a step that joins branches. */
export function joinColumns(
  definition: JoinDefinition,
  step: StepSpec,
  params: Row,
  before: readonly JoinedColumns[],
): StepColumns & { readonly branches: readonly BranchColumns[] } {
  const branches = before.map(({ name, schemas, writers, isOptional }) => ({
    name,
    columns: schemas,
    ...(isOptional ? { isOptional } : {}),
    written: Object.keys(schemas).filter((column) =>
      before.some((other) => other.writers[column] !== writers[column]),
    ),
  }))
  const schemas = definition.columns(params, branches, step.name)
  const shared = before[0]?.writers ?? {}
  const isWritten = (name: string) => branches.some(({ written }) => written.includes(name))
  const writers = Object.fromEntries(
    Object.keys(schemas).map((name) => [
      name,
      isWritten(name) ? step.name : (shared[name] ?? step.name),
    ]),
  )
  return { schemas, writers, branches }
}

/** The columns of several steps' rows, one step after the other: what some of them lack may be `null`. */
export function stackColumns(before: readonly StepColumns[]): StepColumns {
  const schemas: Record<string, ColumnSchemas[string]> = {}
  const writers: Record<string, string> = {}
  for (const name of new Set(before.flatMap((step) => Object.keys(step.schemas)))) {
    const found = before.flatMap((step) => {
      const schema = step.schemas[name]
      return schema === undefined ? [] : [schema]
    })
    const united = uniteSchemas(found)
    schemas[name] = found.length < before.length ? orNull(united) : united
    writers[name] = before.flatMap((step) => step.writers[name] ?? [])[0] ?? ''
  }
  return { schemas, writers }
}

/** The columns that a step with these parameters reads and writes. */
export function contractOf(
  definition: RowDefinition,
  params: Row,
  stepName: string,
  before?: ColumnSchemas,
): ColumnContract {
  if (definition.columns !== undefined) return definition.columns(params, stepName, before)
  const { columns: reads, optional } = membersOf(
    definition.inputs,
    'input',
    `the inputs of '${definition.type}'`,
  )
  const { columns: writes } = membersOf(
    definition.outputs,
    'output',
    `the outputs of '${definition.type}'`,
  )
  const { replaces = [], keeps } = definition
  return { reads, optional, writes, replaces, ...(keeps === undefined ? {} : { keeps }) }
}

/** The columns that are there, under the names that a step has for them. */
function ownNames({ inputs = {} }: StepSpec, schemas: ColumnSchemas): ColumnSchemas {
  const named = Object.entries(inputs).flatMap(([own, name]) => {
    const schema = schemas[name]
    return schema === undefined ? [] : [[own, schema] as const]
  })
  return { ...schemas, ...Object.fromEntries(named) }
}

function checkMapping(step: StepSpec, side: 'inputs' | 'outputs', own: ColumnSchemas): void {
  for (const name of Object.keys(step[side] ?? {}))
    if (!Object.hasOwn(own, name))
      throw new RetortError(
        'parameter-unknown',
        `The '${side}' of step '${step.name}' map column '${name}', which it does not ${side === 'inputs' ? 'read' : 'write'}. ${nearestName(name, Object.keys(own))}`,
      )
}
