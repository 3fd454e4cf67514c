import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { quoted } from '../../core/names.ts'
import { parsePipelineSpec } from '../../core/spec.ts'
import type { PipelineSpec } from '../../core/spec.ts'
import type { AnyCode } from '../../core/registry.ts'
import type { ModuleExports } from './import-module.ts'

/** What a pipeline consists of, whichever copy of this package made it. */
export interface DescribedPipeline {
  readonly spec: PipelineSpec
  readonly definitions: readonly AnyCode[]
}

/**
 * The pipeline that a module exports by default, also as a promise.
 *
 * @param name - what sentences call the module
 * @throws RetortError `module-invalid`
 */
export async function pipelineOfModule(
  exports: ModuleExports,
  name: string,
): Promise<DescribedPipeline> {
  if (!('default' in exports)) {
    const named = Object.keys(exports).filter((key) => isPipeline(exports[key]))
    const [first] = named
    throw new RetortError(
      'module-invalid',
      first === undefined
        ? `Module '${name}' has no default export; end it with 'export default' and the pipeline.`
        : `Module '${name}' has no default export, but it exports ${quoted(named)}; add 'export default ${first}'.`,
    )
  }
  const value = await exports['default']
  if (isPipeline(value))
    return {
      spec: parsePipelineSpec(value.spec, `Module '${name}'`),
      definitions: value.definitions,
    }
  throw new RetortError(
    'module-invalid',
    `The default export of module '${name}' is ${kindOf(value)}, no pipeline; ${
      isObject(value) && 'leaves' in value
        ? 'bring its branches together with group, merge or leaves'
        : 'export what Pipeline.from(…) begins'
    }.`,
  )
}

function isPipeline(value: unknown): value is DescribedPipeline {
  return isObject(value) && 'spec' in value && Array.isArray(value['definitions'])
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return `a ${typeof value}`
}
