import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { capitalized, nearestName } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'
import { modelIn } from '../../core/model-param.ts'
import { roleOf } from '../../core/registry.ts'
import type { AnyCode, CodeRole } from '../../core/registry.ts'
import { importModule } from './import-module.ts'

/** The code of the steps, routes and models that name a module, and where it is. */
export interface StepModules {
  readonly definitions: readonly AnyCode[]
  readonly files: readonly string[]
}

/**
 * Imports the modules that steps, routes and models name.
 *
 * @param folder - what their paths are relative to
 * @throws RetortError `spec-invalid`, `file-missing`, `module-invalid`
 */
export async function loadStepModules(spec: PipelineSpec, folder: string): Promise<StepModules> {
  const definitions: AnyCode[] = []
  const files = new Set<string>()
  for (const { what, type, module, exported, role } of spec.steps.flatMap(namedCode)) {
    if (module === undefined && exported === undefined) continue
    if (module === undefined || exported === undefined)
      throw new RetortError(
        'spec-invalid',
        module === undefined
          ? `${capitalized(what)} has an 'export' but no 'module'; name the file that exports '${exported}'.`
          : `${capitalized(what)} has a 'module' but no 'export'; name what '${module}' exports.`,
      )
    const file = resolve(folder, module)
    if (!(await isFile(file)))
      throw new RetortError(
        'file-missing',
        `There is no file '${module}' in ${folder}, which ${what} names as its module.`,
      )
    if (/\.(?:ya?ml|json)$/i.test(module))
      throw new RetortError(
        'module-invalid',
        `Module '${module}', which ${what} names, holds no code; name the .ts or .js file that exports '${exported}'.`,
      )
    const exports = await importModule(file, module)
    definitions.push(definitionIn(exports, { what, type, module, exported, role }))
    files.add(file)
  }
  return { definitions, files: [...files] }
}

/** What in a spec may name a module, and what sentences call it. */
interface NamedCode {
  readonly what: string
  readonly type: string
  readonly module: string | undefined
  readonly exported: string | undefined
  readonly role: CodeRole
}

function namedCode(step: StepSpec): NamedCode[] {
  const { name, type, module, export: exported, route } = step
  const behind = `the route behind step '${name}'`
  return [
    { what: `step '${name}'`, type, module, exported, role: 'step' },
    ...(route === undefined
      ? []
      : [
          {
            what: behind,
            type: route.type,
            module: route.module,
            exported: route.export,
            role: 'route' as const,
          },
        ]),
    ...namedModels(step),
  ]
}

function namedModels({ name, params }: StepSpec): NamedCode[] {
  const model = modelIn(params)?.model
  return [
    ...namedModel(model, `the model of step '${name}'`),
    ...modelsWithin(model, `a model within that of step '${name}'`),
  ]
}

function modelsWithin(value: unknown, what: string): NamedCode[] {
  const within = Array.isArray(value) || isObject(value) ? Object.values(value) : []
  return within.flatMap((one: unknown) => [...namedModel(one, what), ...modelsWithin(one, what)])
}

/** What else a model's members may be wrong in is found where the pipeline is resolved. */
function namedModel(value: unknown, what: string): NamedCode[] {
  const { type, module, export: exported } = isObject(value) ? value : {}
  if (typeof type !== 'string' || !isOptionalText(module) || !isOptionalText(exported)) return []
  return [{ what, type, module, exported, role: 'model' }]
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

function definitionIn(
  exports: Readonly<Record<string, unknown>>,
  named: NamedCode & { readonly module: string; readonly exported: string },
): AnyCode {
  const { what, type, module, exported, role } = named
  if (!(exported in exports))
    throw new RetortError(
      'module-invalid',
      `Module '${module}' has no export '${exported}', which ${what} names. ${nearestName(exported, Object.keys(exports))}`,
    )
  const value = exports[exported]
  const definition = typeof value === 'function' ? Reflect.get(value, 'definition') : value
  if (!isDefinition(definition) || roleOf(definition) !== role)
    throw new RetortError(
      'module-invalid',
      `Export '${exported}' of module '${module}', which ${what} names, is no ${role}; export what ${makers[role]} returns.`,
    )
  if (definition.type !== type)
    throw new RetortError(
      'spec-invalid',
      `${capitalized(what)} has the type '${type}', but '${exported}' of module '${module}' defines '${definition.type}'.`,
    )
  return definition
}

/** What makes code for each role. */
const makers: Readonly<Record<CodeRole, string>> = {
  step: 'defineStep, defineTask, defineGlobalStep or defineGenerator',
  route: 'defineRoute',
  model: 'defineLLM, defineEmbeddings or defineImageModel',
}

/** What the functions are called in which a definition of each kind has its code; it has one of them at least. */
const codeMembers: Readonly<Record<AnyCode['kind'], readonly string[]>> = {
  map: ['process'],
  global: ['digest', 'decide', 'make', 'shuffleKey', 'deliver'],
  generator: ['generate'],
  join: ['join'],
  route: ['choose'],
  llm: ['create'],
  embeddings: ['create'],
  images: ['create'],
}

function isDefinition(value: unknown): value is AnyCode {
  if (!isObject(value) || typeof value['type'] !== 'string') return false
  const members = Object.entries(codeMembers).find(([kind]) => kind === value['kind'])?.[1]
  return members?.some((member) => typeof value[member] === 'function') === true
}
