import { isObject } from '../../core/json.ts'
import type { JsonObject } from '../../core/json.ts'
import type { DumpedRoute } from './dump.ts'
import type { Report } from './finding.ts'

/** The `route` of the step whose rows a routing function divides. */
export function translateRoute(route: DumpedRoute, report: Report): JsonObject | undefined {
  const { step, factory, kwargs } = route
  const size = isObject(kwargs) ? kwargs['n'] : undefined
  if (
    factory?.module.startsWith('distilabel.') === true &&
    factory.name === 'sample_n_steps' &&
    typeof size === 'number'
  )
    return { type: 'SampleSteps', params: { size } }
  report({
    step,
    what: `the routing function behind step '${step}' is code that the file leaves out`,
    todo: "route with sample_n_steps, or write the pipeline in TypeScript with a 'route' of its branches",
  })
  return undefined
}
