import type { Row, Schema } from './columns.ts'
import { messageOf, RetortError } from './errors.ts'
import { nearestName } from './names.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'
import type { JsonObject } from './json.ts'
import type { StagedRow } from './staged-row.ts'

/** What a route's code gets beside the row. */
export interface RouteContext<Params extends Row = Row> {
  /** Names of the branches, in declared order. */
  readonly branches: readonly string[]
  readonly params: Params
  /** Numbers in [0, 1) from the pipeline's seed and the row's identity. */
  readonly random: Random
}

/** The code that chooses, row by row, which branches a row goes to. */
export interface RouteDefinition<In extends Row = Row, Params extends Row = Row> {
  readonly kind: 'route'
  readonly type: string
  /** Raised by hand whenever a built-in's choices change; custom code is hashed instead. */
  readonly version?: string
  readonly params?: Schema<Params>
  /** The columns that it reads. */
  readonly inputs: Schema<In>
  /** Finds what a schema cannot say. @throws RetortError `parameter-invalid` */
  checkParams?(params: Params, stepName: string, branches: readonly string[]): void
  /** How much of all rows each branch gets, about, where that is known. */
  share?(params: Params, branches: number): number
  /** Names of the branches that a row goes to; none of them where it goes nowhere. */
  choose(row: In, context: RouteContext<Params>): readonly string[]
}

/** How the rows behind a step are divided among the steps after it, as it stands in a spec. */
export interface RouteSpec {
  /** A built-in type, or that of the definition which `module` and `export` name. */
  readonly type: string
  readonly params?: JsonObject
  /** Name of each branch to its first step, where branches are not named after those. */
  readonly branches?: Readonly<Record<string, string>>
  readonly module?: string
  readonly export?: string
}

/** A route of a plan. */
export interface PlannedRoute {
  readonly type: string
  /** Hash of its type, parameters and code. */
  readonly signature: string
  /** The branches among which it chooses, in declared order: their names, and the indexes of their first steps. */
  readonly branches: readonly { readonly name: string; readonly step: number }[]
  /** Which of the pipeline's routes it is: two that are alike choose differently. */
  readonly ordinal: number
  /** How much of all rows each branch gets, about. */
  readonly share: number
}

/** A route that can be asked. */
export interface LiveRoute {
  readonly definition: RouteDefinition
  readonly params: Row
  readonly planned: PlannedRoute
  /** The pipeline's seed. */
  readonly seed: number
}

/**
 * The first steps, by their indexes, of the branches that a row goes to.
 *
 * It depends on the seed and the row alone: neither on its neighbours nor on where it stands.
 *
 * @throws RetortError `step-threw` where its code throws, or names what is none of its branches
 */
export function chooseBranches(
  route: LiveRoute,
  stepName: string,
  { origin, identity, row }: StagedRow,
): ReadonlySet<number> {
  const { definition, params, planned, seed } = route
  const names = planned.branches.map(({ name }) => name)
  const random = createRandom(seed, 'route', planned.ordinal, identity)
  const chosen = choose()
  const unknown = chosen.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new RetortError(
      'step-threw',
      `The route behind step '${stepName}' (${definition.type}) sends row ${origin} to '${unknown}', which is none of its branches. ${nearestName(unknown, names)}`,
    )
  return new Set(
    planned.branches.flatMap(({ name, step }) => (chosen.includes(name) ? [step] : [])),
  )

  function choose(): readonly string[] {
    try {
      return definition.choose(row, { branches: names, params, random })
    } catch (error) {
      throw new RetortError(
        'step-threw',
        `The route behind step '${stepName}' (${definition.type}) threw at row ${origin}: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }
}
