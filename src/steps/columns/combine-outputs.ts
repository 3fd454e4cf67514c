import { orNull } from '../../core/column-schemas.ts'
import { RetortError } from '../../core/errors.ts'
import type { ColumnSchemas, JoinDefinition } from '../../core/step.ts'

/** Every task writes it, so that branches of tasks always share it. */
const mayRepeat = 'model_name'

/**
 * Joins branches row by row: all their columns side by side. Of `model_name` the last branch's stays.
 *
 * The columns of a branch that a row did not go through are `null`.
 */
export const combineOutputsDefinition: JoinDefinition = {
  kind: 'join',
  type: 'CombineOutputs',
  version: '2',
  columns(_params, branches, stepName) {
    const joined: Record<string, ColumnSchemas[string]> = {}
    const writers = new Map<string, string>()
    for (const { name, columns, written, isOptional } of branches)
      for (const [column, schema] of Object.entries(columns)) {
        const other = writers.get(column)
        if (other !== undefined && written.includes(column) && column !== mayRepeat)
          throw new RetortError(
            'column-taken',
            `Step '${stepName}' gets column '${column}' from branch '${other}' and from branch '${name}'; map one of them to another name with 'outputs'.`,
          )
        joined[column] = isOptional === true && written.includes(column) ? orNull(schema) : schema
        writers.set(column, name)
      }
    return joined
  },
  join(rows, branches) {
    const joined: Record<string, unknown> = {}
    for (const { written } of branches) for (const column of written) joined[column] = null
    for (const row of rows) if (row) Object.assign(joined, row)
    return joined
  },
}
