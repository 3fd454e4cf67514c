import type { Row, Schema } from './columns.ts'
import { withDefinition } from './define-step.ts'
import type { FactoryArguments, NoParams } from './define-step.ts'
import type { JsonObject } from './json.ts'
import type { RouteDefinition } from './route.ts'
import type { definitionKey } from './step.ts'

/** A route as it stands in a pipeline: plain JSON and, at compile time only, the columns that it reads. */
export interface Route<in In extends Row> {
  readonly kind: 'route'
  readonly type: string
  readonly params: JsonObject
  readonly [definitionKey]: RouteDefinition
  /** Phantom; never present at run time. */
  readonly columns: (row: In) => void
}

/** What a pipeline's author calls to divide rows among branches. */
export interface RouteFactory<In extends Row, Params> {
  (...args: FactoryArguments<Params>): Route<In>
  readonly definition: RouteDefinition
}

/**
 * Defines a route: which branches each row goes to.
 *
 * `choose` gets the row, the branches' names and random numbers that depend on the pipeline's seed and on the row
 * alone, and returns names of branches. It is asked again wherever the answer is needed, so it has to be pure.
 *
 * @example
 * ```ts
 * const byLanguage = defineRoute({
 *   type: 'ByLanguage',
 *   inputs: z.object({ language: z.string() }),
 *   choose: ({ language }, { branches }) => branches.filter((name) => name === language),
 * })
 * ```
 */
export function defineRoute<
  In extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  definition: Omit<RouteDefinition<In, Params>, 'kind' | 'params'> & {
    readonly params?: Schema<Params, ParamsInput>
  },
): RouteFactory<In, ParamsInput> {
  // Erases the columns: the engine checks rows and parameters against the schemas before it calls.
  const erased = { kind: 'route', ...definition } as unknown as RouteDefinition
  const create = (params: Row = {}) => withDefinition<Route<In>>(erased, params)
  return Object.assign(create, { definition: erased }) as RouteFactory<In, ParamsInput>
}
