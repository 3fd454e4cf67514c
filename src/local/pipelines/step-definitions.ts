import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { nearestName } from '../../core/names.ts'
import type { PipelineSpec, StepSpec } from '../../core/spec.ts'
import type { AnyDefinition } from '../../core/step.ts'
import { importModule } from './import-module.ts'

/** The code of the steps that name a module, and where it is. */
export interface StepModules {
  readonly definitions: readonly AnyDefinition[]
  readonly files: readonly string[]
}

/**
 * Imports the modules that steps name.
 *
 * @param folder - what their paths are relative to
 * @throws RetortError `spec-invalid`, `file-missing`, `module-invalid`
 */
export async function loadStepModules(spec: PipelineSpec, folder: string): Promise<StepModules> {
  const definitions: AnyDefinition[] = []
  const files = new Set<string>()
  for (const step of spec.steps) {
    const { module, export: exported } = step
    if (module === undefined && exported === undefined) continue
    if (module === undefined || exported === undefined)
      throw new RetortError(
        'spec-invalid',
        module === undefined
          ? `Step '${step.name}' has an 'export' but no 'module'; name the file that exports '${exported}'.`
          : `Step '${step.name}' has a 'module' but no 'export'; name what '${module}' exports.`,
      )
    const file = resolve(folder, module)
    if (!(await isFile(file)))
      throw new RetortError(
        'file-missing',
        `There is no file '${module}' in ${folder}, which step '${step.name}' names as its module.`,
      )
    definitions.push(definitionIn(await importModule(file, module), step, module, exported))
    files.add(file)
  }
  return { definitions, files: [...files] }
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
  step: StepSpec,
  module: string,
  exported: string,
): AnyDefinition {
  if (!(exported in exports))
    throw new RetortError(
      'module-invalid',
      `Module '${module}' has no export '${exported}', which step '${step.name}' names. ${nearestName(exported, Object.keys(exports))}`,
    )
  const value = exports[exported]
  const definition = typeof value === 'function' ? Reflect.get(value, 'definition') : value
  if (!isDefinition(definition))
    throw new RetortError(
      'module-invalid',
      `Export '${exported}' of module '${module}', which step '${step.name}' names, is no step; export what defineStep, defineTask or defineGenerator returns.`,
    )
  if (definition.type !== step.type)
    throw new RetortError(
      'spec-invalid',
      `Step '${step.name}' has the type '${step.type}', but '${exported}' of module '${module}' defines '${definition.type}'.`,
    )
  return definition
}

/** What the function is called in which a definition of each kind has its code. */
const codeMember = { map: 'process', generator: 'generate', join: 'join' } as const

function isDefinition(value: unknown): value is AnyDefinition {
  if (!isObject(value) || typeof value['type'] !== 'string') return false
  const { kind } = value
  if (kind !== 'map' && kind !== 'generator' && kind !== 'join') return false
  return typeof value[codeMember[kind]] === 'function'
}
