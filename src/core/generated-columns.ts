import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { nearestName } from './names.ts'
import type { StepSpec } from './spec.ts'
import type { ColumnSchemas } from './step.ts'

/** A row of a generator, or its columns' schemas, under the names that `outputs` gives them. @throws RetortError `column-taken` */
export function mapGenerated<Values extends Row>(values: Values, step: StepSpec): Values {
  const { outputs = {} } = step
  if (Object.keys(outputs).length === 0) return values
  const mapped: Record<string, unknown> = {}
  for (const [own, value] of Object.entries(values)) {
    const name = outputs[own] ?? own
    if (Object.hasOwn(mapped, name))
      throw new RetortError(
        'column-taken',
        `Step '${step.name}' makes column '${name}' twice; map one of the two to another name with 'outputs'.`,
        { data: { step: step.name, column: name } },
      )
    mapped[name] = value
  }
  // The same values under other names.
  return mapped as Values
}

/** Checks that every column that a generator's `outputs` maps is there. @throws RetortError `parameter-unknown` */
export function checkGenerated(mapped: ColumnSchemas, { name, outputs = {} }: StepSpec): void {
  for (const [own, target] of Object.entries(outputs))
    if (!Object.hasOwn(mapped, target))
      throw new RetortError(
        'parameter-unknown',
        `The 'outputs' of step '${name}' map column '${own}', which it does not make. ${nearestName(own, Object.keys(mapped))}`,
      )
}
