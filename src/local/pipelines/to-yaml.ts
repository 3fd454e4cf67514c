import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { capitalized, quoted } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'
import { modelIn } from '../../core/model-param.ts'
import { roleOf } from '../../core/registry.ts'
import type { AnyCode, CodeRole } from '../../core/registry.ts'
import type { ModuleExports } from './import-module.ts'

/** A pipeline as far as its YAML depends on it. */
interface WrittenPipeline {
  readonly spec: PipelineSpec
  readonly definitions: readonly AnyCode[]
}

/** Where the code of a pipeline's own steps, routes and models is. */
export interface YAMLOptions {
  /**
   * The modules that define steps, routes and models which are not built in: path, relative to where the YAML will lie, to everything that
   * the module there exports, as `import * as steps from './steps.ts'` gives it. Default none.
   */
  readonly modules?: Readonly<Record<string, object>>
}

/**
 * Writes a pipeline as YAML, which `retort run` takes as it takes the module.
 *
 * A step or model that is not built in is written with the `module` and `export` that define it, out of those in
 * `modules`. Its code then counts by that module alone, so that its rows are made again; answers of models are found again.
 *
 * @throws RetortError `usage` where a step or model is not built in and no module exports it, `spec-invalid` where the pipeline is not well formed
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
  const exportNamed = ({ type, module }: Named, role: CodeRole, what: string) => {
    const isBuiltIn = builtInRegistry[places[role]].has(type)
    const definition = definitions.find((one) => one.type === type && roleOf(one) === role)
    if (definition === undefined || isBuiltIn || module !== undefined) return {}
    return exportOf(definition, what, options.modules ?? {})
  }
  const steps = spec.steps.map((step): StepSpec => {
    const { name, route } = step
    const what = `the model of step '${name}'`
    return {
      ...step,
      ...exportNamed(step, 'step', `step '${name}'`),
      ...(route === undefined
        ? {}
        : {
            route: { ...route, ...exportNamed(route, 'route', `the route behind step '${name}'`) },
          }),
      ...withModels(step, (model) => exportNamed(model, 'model', what)),
    }
  })
  const { version, name, seed, rows } = spec
  const whole = {
    version,
    name,
    ...(seed === undefined ? {} : { seed }),
    ...(rows === undefined ? {} : { rows }),
    steps: steps.map(inOrder),
  }
  // What JSON does not hold, such as what makes a model live, is no part of a spec.
  return stringify(JSON.parse(JSON.stringify(whole)), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  })
}

const places = { step: 'steps', route: 'routes', model: 'models' } as const

/** What in a spec has a type, and may say where that is defined. */
interface Named {
  readonly type: string
  readonly module?: string
}

/** A step's parameters with where the type of their model is defined, and those of the models within it. */
function withModels(
  { params }: StepSpec,
  exportOfModel: (model: Named) => Exported,
): Pick<StepSpec, 'params'> {
  const asked = modelIn(params)
  if (asked === undefined) return params === undefined ? {} : { params }
  const named = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(named)
    if (!isObject(value)) return value
    const { type, ...others } = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, named(member)]),
    )
    if (type === undefined) return others
    // What names no type is no model, and may be anything.
    const from = typeof type === 'string' ? exportOfModel({ ...others, type }) : {}
    return { type, ...(from as JsonObject), ...others }
  }
  // A step's parameters are JSON.
  return { params: { ...params, [asked.name]: named(asked.model as JsonObject) } }
}

/** Members in the order in which people write them. */
function inOrder({ name, type, module, export: exported, after, params, ...others }: StepSpec) {
  return { name, type, module, export: exported, after, ...others, params }
}

/** Where a type is defined. */
type Exported = Pick<StepSpec, 'module' | 'export'>

function exportOf(
  definition: AnyCode,
  what: string,
  modules: Readonly<Record<string, object>>,
): Exported {
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
