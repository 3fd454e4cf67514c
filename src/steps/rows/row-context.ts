import type { Row, Schema } from '../../core/columns.ts'
import { createRandom } from '../../core/random.ts'
import type { Random } from '../../core/random.ts'
import type { StepContext } from '../../core/step.ts'

/** What a function of one row gets beside the row. */
export interface RowContext<Params extends Row = Row> {
  readonly params: Params
  /** Numbers in [0, 1) from the pipeline's seed, the step's name and the row's identity. */
  readonly random: Random
}

/** What every step has that a function of one row makes. */
export interface RowStep<In extends Row, Params extends Row, ParamsInput extends Row> {
  /** Unlike any other type of the pipeline. */
  readonly type: string
  /** Raised by hand where results change by what the code's files don't show; they are hashed anyway. */
  readonly version?: string
  /** The columns that the function sees; a row that lacks one of them is rejected as `input-invalid`. */
  readonly inputs: Schema<In>
  /** The parameters that the step takes. None where this is left out. */
  readonly params?: Schema<Params, ParamsInput>
}

/** Calls a function with one row after another; what it throws stops the run. */
export function* forEachRow<In, Params extends Row, Result>(
  rows: readonly In[],
  params: Params,
  { seed, stepName, identities }: StepContext,
  call: (row: In, context: RowContext<Params>) => Result,
): Iterable<Result> {
  for (const [index, row] of rows.entries()) {
    let numbers: Random | undefined
    const random = () =>
      (numbers ??= createRandom(seed, 'row', stepName, identities[index] ?? ''))()
    yield call(row, { params, random })
  }
}
