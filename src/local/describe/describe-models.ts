import { findPackageJSON } from 'node:module'

import { RetortError } from '../../core/errors.ts'
import { listModelParams } from '../../core/list-params.ts'
import type { SettableParam } from '../../core/list-params.ts'
import type { ModelKind } from '../../core/llm-spec.ts'
import type { ModelCapabilities } from '../../core/model-capabilities.ts'
import { nearestName } from '../../core/names.ts'
import type { ModelType } from '../../core/registry.ts'
import { builtInRegistry } from '../../registry.ts'

/** A type of model that is built in. */
export interface ModelTypeInfo {
  readonly type: string
  readonly kind: ModelKind
  readonly description: string | null
  /** The function that names such a model in TypeScript. */
  readonly factory: string | null
  /** What one that answers can do. */
  readonly capabilities: ModelCapabilities | null
  /** The environment variable of its key, where nobody names another. */
  readonly keyVariable: string | null
  /** The optional package that it needs. */
  readonly package: string | null
  /** Whether that is installed, or none is needed. */
  readonly isInstalled: boolean
}

/** A type of model with its parameters. */
export interface DescribedModelType extends ModelTypeInfo {
  /** Their paths go below the model's `params`. */
  readonly params: readonly SettableParam[]
}

/** Every type of model that is built in: those that answer, then those of vectors and of images, by name. */
export function listModelTypes(): readonly ModelTypeInfo[] {
  const infos = [...builtInRegistry.models.values()].map(({ definition }) => toInfo(definition))
  return kinds.flatMap((kind) =>
    infos
      .filter((info) => info.kind === kind)
      .toSorted((a, b) => a.type.localeCompare(b.type, 'en', { sensitivity: 'base' })),
  )
}

/**
 * A type of model that is built in.
 *
 * @param name - that of the type, or of its factory
 * @throws RetortError `step-type-unknown` with the names that are like it
 */
export function describeModelType(name: string): DescribedModelType {
  const definitions = [...builtInRegistry.models.values()].map(({ definition }) => definition)
  const found =
    definitions.find(({ type }) => type === name) ??
    definitions.find(({ factory }) => factory === name)
  if (found !== undefined) return { ...toInfo(found), params: listModelParams(found) }
  const types = definitions.map(({ type }) => type)
  const alike = types.filter((type) => type.toLowerCase().includes(name.toLowerCase()))
  const [only] = alike
  const offer =
    only !== undefined && alike.length === 1
      ? `Did you mean '${only}'?`
      : nearestName(name, alike.length === 0 ? types : alike)
  throw new RetortError('step-type-unknown', `There is no type of model '${name}'. ${offer}`)
}

const kinds: readonly ModelKind[] = ['llm', 'embeddings', 'images']

function toInfo(definition: ModelType): ModelTypeInfo {
  const { type, kind, description, factory, capabilities, usualKeyVariable, peer } = definition
  return {
    type,
    kind,
    description: description ?? null,
    factory: factory ?? null,
    capabilities: capabilities ?? null,
    keyVariable: usualKeyVariable ?? null,
    package: peer ?? null,
    isInstalled: peer === undefined || isInstalled(peer),
  }
}

/** Whether a package is there for this one, which imports it. */
function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined
  } catch {
    return false
  }
}
