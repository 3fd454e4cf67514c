import { stat } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'

import { RetortError } from '../../core/errors.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import type { AnyCode } from '../../core/registry.ts'
import { checkSupplied } from '../../import/unsupplied.ts'
import type { UnsuppliedParameter } from '../../import/unsupplied.ts'
import { applyParamsFile } from './apply-params-file.ts'
import { applySettings } from './apply-settings.ts'
import { importModule } from './import-module.ts'
import { pipelineOfModule } from './pipeline-of-module.ts'
import { readSettingFiles } from './read-setting-files.ts'
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
  /** Whether only its code and its shape are wanted: parameters that an imported file leaves to `set` may be missing. */
  readonly mayLack?: boolean
}

/** What a pipeline's file holds. */
interface Described {
  readonly spec: PipelineSpec
  readonly definitions: readonly AnyCode[]
  /** The files with the code of the definitions. */
  readonly files: readonly string[]
  readonly unsupplied: readonly UnsuppliedParameter[]
}

const moduleEndings = ['.ts', '.mts', '.js', '.mjs']
const specEndings = ['.yaml', '.yml', '.json']

/**
 * Loads a pipeline: a module's default export, or YAML or JSON, also as distilabel saves it.
 *
 * @throws RetortError `usage`, `file-missing`, `module-invalid`, `spec-invalid`, `import-unsupported` and what else a spec can be refused for
 */
export async function loadPipeline(
  file: string,
  options: LoadOptions = {},
): Promise<LoadedPipeline> {
  const path = resolve(file)
  await requireFile(path, file)
  const settings = options.set ?? []
  const values = await readSettingFiles(settings)
  const described = moduleEndings.includes(extname(path))
    ? await describeModule(path, file)
    : await describeSpec(path, file)
  let spec = described.spec
  for (const params of options.params ?? []) spec = await applyParamsFile(spec, params)
  spec = applySettings(spec, settings, values)
  if (options.mayLack !== true) checkSupplied(spec, described.unsupplied)
  const { definitions, files } = described
  return { spec, ...(await registerCode(definitions, files, dirname(path))), file: path }
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
  const { spec, definitions } = await pipelineOfModule(await importModule(path, name), name)
  return { spec, definitions, files: [path], unsupplied: [] }
}

async function describeSpec(path: string, name: string): Promise<Described> {
  const { readSpecFile } = await import('./read-spec-file.ts')
  const { spec, unsupplied } = await readSpecFile(path, name)
  return { spec, unsupplied, ...(await loadStepModules(spec, dirname(path))) }
}
