import type { Declared, Row, Schema } from './columns.ts'
import type { JsonObject } from './json.ts'
import type { AnyCode } from './registry.ts'
import { definitionKey } from './step.ts'
import type { GlobalDefinition } from './global-step.ts'
import type {
  ColumnChange,
  CommonParams,
  GeneratorDefinition,
  GeneratorStep,
  Step,
  StepDefinition,
} from './step.ts'

/** Arguments of a factory: none are needed where every parameter may be left out. */
export type FactoryArguments<Params> =
  Partial<Params> extends Params ? [params?: Params] : [params: Params]

/** What a pipeline's author calls; the code rides along for the worker to register. */
export interface StepFactory<
  In extends Row,
  Out extends Row,
  Params,
  Change extends ColumnChange = never,
> {
  (...args: FactoryArguments<Params & CommonParams>): Step<In, Out, Change>
  readonly definition: StepDefinition
}

/** What a pipeline's author calls for a step that needs all rows. */
export interface GlobalStepFactory<
  In extends Row,
  Out extends Row,
  Params,
  Change extends ColumnChange = never,
> {
  (...args: FactoryArguments<Params>): Step<In, Out, Change, GlobalDefinition>
  readonly definition: GlobalDefinition
}

/**
 * Defines a step that needs all rows before it can make the first, such as one that puts them into another order.
 *
 * Give it of `digest`, `decide`, `make` and `shuffleKey` what it needs: it runs in passes over parts of the rows, none
 * of which holds all of them, and goes on in the middle after a crash. Digests and decisions are bytes, equally many for
 * every row. It asks no model.
 *
 * @example
 * ```ts
 * const longestHalf = defineGlobalStep({
 *   type: 'LongestHalf',
 *   inputs: z.object({ text: z.string() }),
 *   outputs: z.object({}),
 *   digest: ({ row }) => new Uint8Array(Uint32Array.of(row.text.length).buffer),
 *   async *decide(parts) { … },
 *   make: (_row, [isKept]) => (isKept === 1 ? {} : []),
 * })
 * ```
 */
export function defineGlobalStep<
  In extends Row,
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  definition: Omit<
    GlobalDefinition<In, Out, Params>,
    'kind' | 'params' | 'keeps' | 'takesSeveral'
  > & {
    readonly params?: Schema<Params, ParamsInput>
  },
): GlobalStepFactory<Declared<In>, Declared<Out>, ParamsInput> {
  // Erases the columns, as above.
  const erased = { kind: 'global', ...definition } as unknown as GlobalDefinition
  const create = (params: Row = {}) =>
    withDefinition<Step<Declared<In>, Declared<Out>, never, GlobalDefinition>>(erased, params)
  return Object.assign(create, { definition: erased })
}

/** What a pipeline's author calls to begin a pipeline. */
export interface GeneratorFactory<Out extends Row, Params> {
  (...args: FactoryArguments<Params>): GeneratorStep<Out>
  readonly definition: GeneratorDefinition
}

/** Parameters of a step that has none of its own. */
export type NoParams = Record<never, never>

/**
 * Defines a step that works row by row.
 *
 * `process` yields, for each row in order, the columns that it adds: one row, a list of rows
 * (an empty list filters the row out), or `reject(code, reason)`.
 */
export function defineStep<
  In extends Row,
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  definition: Omit<StepDefinition<In, Out, Params>, 'kind' | 'params' | 'keeps'> & {
    readonly params?: Schema<Params, ParamsInput>
  },
): StepFactory<Declared<In>, Declared<Out>, ParamsInput> {
  // Erases the columns: the engine checks rows and parameters against the schemas before it calls.
  return createFactory({ kind: 'map', ...definition } as unknown as StepDefinition)
}

/** The factory of steps with this code; what it says of their columns and parameters follows from the code. */
export function createFactory<
  In extends Row,
  Out extends Row,
  Params,
  Change extends ColumnChange = never,
>(definition: StepDefinition): StepFactory<In, Out, Params, Change> {
  const create = (params: Row = {}) => withDefinition<Step<In, Out, Change>>(definition, params)
  // The caller knows the types that the definition has lost.
  return Object.assign(create, { definition }) as StepFactory<In, Out, Params, Change>
}

/** Defines a step that makes rows out of nothing but its parameters. */
export function defineGenerator<
  Out extends Row,
  Params extends Row = NoParams,
  ParamsInput extends Row = Params,
>(
  definition: Omit<GeneratorDefinition<Out, Params>, 'kind' | 'params'> & {
    readonly params?: Schema<Params, ParamsInput>
  },
): GeneratorFactory<Out, ParamsInput> {
  // Erases the columns, as above.
  const erased = { kind: 'generator', ...definition } as unknown as GeneratorDefinition
  const create = (params: Row = {}) => withDefinition<GeneratorStep<Out>>(erased, params)
  return Object.assign(create, { definition: erased }) as GeneratorFactory<Out, ParamsInput>
}

/** A step object: JSON to look at, with its code in a property that JSON does not show. */
export function withDefinition<S>(definition: AnyCode, params: Row, extra: object = {}): S {
  const step = { kind: definition.kind, type: definition.type, params: params as JsonObject }
  Object.defineProperty(step, definitionKey, { value: definition, enumerable: false })
  for (const [name, value] of Object.entries(extra))
    Object.defineProperty(step, name, { value, enumerable: false })
  // `columns` and `change` exist only for the compiler.
  return step as unknown as S
}
