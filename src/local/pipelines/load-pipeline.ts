import { stat } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'

import { RetortError } from '../../core/errors.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import type { AnyCode } from '../../core/registry.ts'
import { applyParamsFile } from './apply-params-file.ts'
import { applySettings } from './apply-settings.ts'
import { importModule } from './import-module.ts'
import { pipelineOfModule } from './pipeline-of-module.ts'
import { registerCode } from './register-code.ts'
import type { RegisteredCode } from './register-code.ts'
import { loadStepModules } from './step-definitions.ts'

/** A pipeline with the code of its steps. */
export interface LoadedPipeline extends RegisteredCode {
  readonly spec: PipelineSpec
  /** Absolute path of the file. */
  readonly file: string
}

/** How a pipeline is loaded. */
export interface LoadOptions {
  /** YAML or JSON files with parameters that differ from the file's; a later one holds over those before it. */
  readonly params?: readonly string[]
  /** Parameters that differ from both, each `step.parameter=value`. */
  readonly set?: readonly string[]
}

/** What a pipeline's file holds. */
interface Described {
  readonly spec: PipelineSpec
  readonly definitions: readonly AnyCode[]
  /** The files with the code of the definitions. */
  readonly files: readonly string[]
}

const moduleEndings = ['.ts', '.mts', '.js', '.mjs']
const specEndings = ['.yaml', '.yml', '.json']

/**
 * Loads a pipeline: a module's default export, or YAML or JSON.
 *
 * @throws RetortError `usage`, `file-missing`, `module-invalid`, `spec-invalid` and what else a spec can be refused for
 */
export async function loadPipeline(
  file: string,
  options: LoadOptions = {},
): Promise<LoadedPipeline> {
  const path = resolve(file)
  await requireFile(path, file)
  const { spec, definitions, files } = moduleEndings.includes(extname(path))
    ? await describeModule(path, file)
    : await describeSpec(path, file)
  let parametrized = spec
  for (const params of options.params ?? [])
    parametrized = await applyParamsFile(parametrized, params)
  return {
    spec: applySettings(parametrized, options.set ?? []),
    ...(await registerCode(definitions, files, dirname(path))),
    file: path,
  }
}

async function requireFile(path: string, file: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) throw new RetortError('file-missing', `There is no file '${file}'.`)
  if (![...moduleEndings, ...specEndings].includes(extname(path)))
    throw new RetortError(
      'usage',
      `'${file}' is no pipeline file; it takes a module (${moduleEndings.join(', ')}) or a spec (${specEndings.join(', ')}).`,
    )
  if (!stats.isFile()) throw new RetortError('file-missing', `'${file}' is no regular file.`)
}

async function describeModule(path: string, name: string): Promise<Described> {
  return { ...(await pipelineOfModule(await importModule(path, name), name)), files: [path] }
}

async function describeSpec(path: string, name: string): Promise<Described> {
  const { readSpecFile } = await import('./read-spec-file.ts')
  const spec = await readSpecFile(path, name)
  return { spec, ...(await loadStepModules(spec, dirname(path))) }
}
