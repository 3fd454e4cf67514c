import type { ResolvedStep } from '../../src/core/resolve-pipeline.ts'
import { anyRow } from '../../src/core/any-row.ts'
import { runOverAnyRows, runStep } from '../../src/core/run-step.ts'
import type { StepResult, StepRun } from '../../src/core/run-step.ts'
import type { StagedRow } from '../../src/core/staged-row.ts'
import type { GlobalContext, GlobalDefinition, GlobalRow } from '../../src/core/global-step.ts'
import type { StepOutput } from '../../src/core/step.ts'
import type { Row } from '../../src/core/columns.ts'

/** A global step with what its code gets. */
export interface LiveGlobal {
  readonly definition: GlobalDefinition
  readonly step: ResolvedStep
  readonly context: GlobalContext
}

/**
 * Runs a function of a global step over rows as a step that works row by row would be run: columns under the step's own
 * names, rows that lack what it reads rejected, what it adds checked.
 */
export async function runRows(
  { definition, step, context }: LiveGlobal,
  rows: readonly StagedRow[],
  work: (row: GlobalRow) => StepOutput<Row>,
): Promise<StepResult> {
  const { spec, params, keeps } = step
  const { numRows: _, ...shared } = { numRows: undefined, ...definition }
  const run: StepRun = {
    definition: {
      ...shared,
      kind: 'map',
      *process(views, _params, { identities }) {
        for (const [index, row] of views.entries())
          yield work({ row, identity: identities[index] ?? '' })
      },
    },
    params,
    // All rows at once, so that they come to the function in their order.
    step: {
      name: spec.name,
      batchSize: Math.max(1, rows.length),
      ...(spec.inputs === undefined ? {} : { inputs: spec.inputs }),
      ...(spec.outputs === undefined ? {} : { outputs: spec.outputs }),
      ...(keeps === undefined ? {} : { keeps }),
    },
    rows,
    seed: context.seed,
    signal: context.signal,
  }
  // The very rows are what it takes, and some it may not look at.
  return definition.inputs === anyRow && spec.inputs === undefined
    ? runOverAnyRows(run, work)
    : await runStep(run)
}
