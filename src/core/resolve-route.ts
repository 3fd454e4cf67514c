import { membersOf } from './column-schemas.ts'
import type { Row } from './columns.ts'
import { RetortError } from './errors.ts'
import { hashJson } from './hash.ts'
import { nearestName, quoted } from './names.ts'
import { routeOfType } from './registry.ts'
import type { Registry } from './registry.ts'
import { checkRouteParams } from './resolve-params.ts'
import type { PlannedRoute, RouteDefinition } from './route.ts'
import type { StepSpec } from './spec.ts'
import type { ColumnSchemas } from './step.ts'

/** A route of which everything is known that its spec and its code tell. */
export interface ResolvedRoute {
  readonly definition: RouteDefinition
  readonly params: Row
  readonly planned: PlannedRoute
}

/**
 * Checks the route behind a step.
 *
 * @param steps - all steps, in the order in which they are planned
 * @param ordinal - which of the pipeline's routes it is
 * @param columns - those behind the step; `undefined` where only reading the source will tell
 * @throws RetortError with the verdict `invalid`
 */
export function resolveRoute(
  step: StepSpec,
  steps: readonly StepSpec[],
  ordinal: number,
  columns: ColumnSchemas | undefined,
  registry: Registry,
): ResolvedRoute | undefined {
  const { route, name } = step
  if (route === undefined) return undefined
  const { definition, code } = routeOfType(registry, route.type, name)
  const branches = branchesOf(step, steps)
  const params = checkRouteParams(definition, route, name)
  const names = branches.map((branch) => branch.name)
  definition.checkParams?.(params, name, names)
  if (columns !== undefined) checkColumns(definition, name, columns)
  const signature = hashJson({ route: 1, type: definition.type, code, params })
  const share = definition.share?.(params, branches.length) ?? 1
  return {
    definition,
    params,
    planned: { type: definition.type, signature, branches, ordinal, share },
  }
}

function branchesOf(
  { name, route }: StepSpec,
  steps: readonly StepSpec[],
): PlannedRoute['branches'] {
  const followers = steps.flatMap((step, index) =>
    step.after?.includes(name) === true ? [{ name: step.name, step: index }] : [],
  )
  if (followers.length === 0)
    throw invalid(
      `The route behind step '${name}' has no branches; let steps come after '${name}'.`,
    )
  const joining = followers.find(({ step }) => (steps[step]?.after?.length ?? 0) > 1)
  if (joining !== undefined)
    throw invalid(
      `Step '${joining.name}' joins branches, so the route behind step '${name}' cannot send rows straight to it; let the branch have a step of its own.`,
    )
  const names = route?.branches
  if (names === undefined) return followers
  const unnamed = followers.filter((step) => !Object.values(names).includes(step.name))
  if (unnamed.length > 0)
    throw invalid(
      `The route behind step '${name}' names no branch for ${quoted(unnamed.map((step) => step.name))}; name one for each step after '${name}'.`,
    )
  return Object.entries(names).map(([branch, first]) => {
    const found = followers.find((step) => step.name === first)
    if (found === undefined)
      throw invalid(
        `Branch '${branch}' of the route behind step '${name}' begins with '${first}', which does not come after '${name}'. ${nearestName(
          first,
          followers.map((step) => step.name),
        )}`,
      )
    return { name: branch, step: found.step }
  })
}

function checkColumns(definition: RouteDefinition, stepName: string, columns: ColumnSchemas): void {
  const what = `the inputs of '${definition.type}'`
  const { columns: reads, optional } = membersOf(definition.inputs, 'input', what)
  for (const column of Object.keys(reads))
    if (!Object.hasOwn(columns, column) && !optional.includes(column))
      throw new RetortError(
        'column-missing',
        `The route behind step '${stepName}' (${definition.type}) reads column '${column}', which no earlier step writes. Columns there: ${quoted(Object.keys(columns)) || 'none'}.`,
        { data: { step: stepName, column } },
      )
}

function invalid(message: string): RetortError {
  return new RetortError('spec-invalid', message)
}
