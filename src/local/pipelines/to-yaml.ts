import { RetortError } from '../../core/errors.ts'
import { capitalized, quoted } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'
import type { AnyCode } from '../../core/registry.ts'
import type { RouteSpec } from '../../core/route.ts'
import type { ModuleExports } from './import-module.ts'

/** A pipeline as far as its YAML depends on it. */
interface WrittenPipeline {
  readonly spec: PipelineSpec
  readonly definitions: readonly AnyCode[]
}

/** Where the code of a pipeline's own steps and routes is. */
export interface YAMLOptions {
  /**
   * The modules that define steps and routes which are not built in: path, relative to where the YAML will lie, to everything that
   * the module there exports, as `import * as steps from './steps.ts'` gives it. Default none.
   */
  readonly modules?: Readonly<Record<string, object>>
}

/**
 * Writes a pipeline as YAML, which `retort run` takes as it takes the module.
 *
 * A step that is not built in is written with the `module` and `export` that define it, out of those in `modules`. Its
 * code then counts by that module alone, so that its rows are made again; answers of models are found again.
 *
 * @throws RetortError `usage` where a step is not built in and no module exports it, `spec-invalid` where the pipeline is not well formed
 */
export async function toYAML(
  { spec, definitions }: WrittenPipeline,
  options: YAMLOptions = {},
): Promise<string> {
  // Few programs write YAML, and many import this package.
  const [{ stringify }, { builtInRegistry }] = await Promise.all([
    import('yaml'),
    import('../../registry.ts'),
  ])
  const named = <Named extends StepSpec | RouteSpec>(of: Named, what: string, isRoute: boolean) => {
    const builtIn = isRoute ? builtInRegistry.routes : builtInRegistry.steps
    const definition = definitions.find(
      ({ type, kind }) => type === of.type && (kind === 'route') === isRoute,
    )
    if (definition === undefined || builtIn.has(of.type) || of.module !== undefined) return of
    return { ...of, ...exportOf(definition, what, options.modules ?? {}) }
  }
  const steps = spec.steps.map((step) => {
    const { name, route } = step
    const written = named(step, `step '${name}'`, false)
    if (route === undefined) return written
    return { ...written, route: named(route, `the route behind step '${name}'`, true) }
  })
  const { version, name, seed } = spec
  const whole = {
    version,
    name,
    ...(seed === undefined ? {} : { seed }),
    steps: steps.map(inOrder),
  }
  // What JSON does not hold, such as what makes a model live, is no part of a spec.
  return stringify(JSON.parse(JSON.stringify(whole)), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  })
}

/** Members in the order in which people write them. */
function inOrder({ name, type, module, export: exported, after, params, ...others }: StepSpec) {
  return { name, type, module, export: exported, after, ...others, params }
}

function exportOf(
  definition: AnyCode,
  what: string,
  modules: Readonly<Record<string, object>>,
): Pick<StepSpec, 'module' | 'export'> {
  for (const [module, exports] of Object.entries(modules))
    // Whatever a module exports has a name.
    for (const [name, value] of Object.entries(exports as ModuleExports))
      if (
        value === definition ||
        (typeof value === 'function' && Reflect.get(value, 'definition') === definition)
      )
        return { module, export: name }
  const given = Object.keys(modules)
  throw new RetortError(
    'usage',
    `${capitalized(what)} is of the type '${definition.type}', which is not built in, so that YAML must name the module that exports it; ${
      given.length === 0
        ? `give that module, as in toYAML(pipeline, { modules: { './steps.ts': steps } })`
        : `none of ${quoted(given)} does`
    }.`,
  )
}
