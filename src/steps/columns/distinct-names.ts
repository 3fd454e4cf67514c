import { RetortError } from '../../core/errors.ts'

/** Refuses a parameter that names a column twice. @throws RetortError `parameter-invalid` */
export function requireDistinct(
  names: readonly string[],
  parameter: string,
  stepName: string,
): void {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw new RetortError(
      'parameter-invalid',
      `Parameter '${parameter}' of step '${stepName}' names column '${twice}' twice; name it once.`,
    )
}
