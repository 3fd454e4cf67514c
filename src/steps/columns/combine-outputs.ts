import { RetortError } from '../../core/errors.ts'
import type { ColumnSchemas, JoinDefinition } from '../../core/step.ts'

/** Every task writes it, so that branches of tasks always share it. */
const mayRepeat = 'model_name'

/** Joins branches row by row: all their columns side by side. Of `model_name` the last branch's stays. */
export const combineOutputsDefinition: JoinDefinition = {
  kind: 'join',
  type: 'CombineOutputs',
  version: '1',
  columns(_params, branches, stepName) {
    const joined: Record<string, ColumnSchemas[string]> = {}
    const writers = new Map<string, string>()
    for (const { name, columns, written } of branches)
      for (const [column, schema] of Object.entries(columns)) {
        const other = writers.get(column)
        if (other !== undefined && written.includes(column) && column !== mayRepeat)
          throw new RetortError(
            'column-taken',
            `Step '${stepName}' gets column '${column}' from branch '${other}' and from branch '${name}'; map one of them to another name with 'outputs'.`,
          )
        joined[column] = schema
        writers.set(column, name)
      }
    return joined
  },
  join: (rows) => Object.assign({}, ...rows),
}
