import { RetortError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import type { PipelineSpec } from '../core/spec.ts'

/** A parameter that an imported file leaves out, and that settings have to supply. */
export interface UnsuppliedParameter {
  readonly step: string
  /** Where it belongs, below the step's `params`. */
  readonly path: readonly string[]
  /** The sentence for whoever did not. */
  readonly message: string
}

/** Checks that settings gave a pipeline what its file left out. @throws RetortError `parameter-invalid` */
export function checkSupplied(
  spec: PipelineSpec,
  unsupplied: readonly UnsuppliedParameter[],
): void {
  const lacking = unsupplied.filter(({ step, path }) => {
    const params = spec.steps.find(({ name }) => name === step)?.params
    return valueAt(params, path) === undefined
  })
  if (lacking.length > 0)
    throw new RetortError('parameter-invalid', lacking.map(({ message }) => message).join(' '))
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  return isObject(value) ? valueAt(value[name], rest) : undefined
}
