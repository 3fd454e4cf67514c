import { randomUUID } from 'node:crypto'

import { hashText } from '../../core/hash.ts'
import { withDefinitions } from '../../core/registry.ts'
import type { AnyCode, Registry } from '../../core/registry.ts'
import { builtInRegistry } from '../../registry.ts'

/** Steps and models that a pipeline can have, and what stands for the code of its own. */
export interface RegisteredCode {
  /** What is built in and what the pipeline itself defines. */
  readonly registry: Registry
  /** Hash of the pipeline's own code; `null` where every step and model is built in. */
  readonly code: string | null
}

/**
 * Adds a pipeline's own definitions to the built-in ones, with the hash of the files that hold their code.
 *
 * Code that is in no file, as in a REPL, has another hash each time: nobody can tell whether it is the same.
 *
 * @param folder - what the files' names in the hash are relative to
 */
export async function registerCode(
  definitions: readonly AnyCode[],
  files: readonly string[],
  folder: string,
): Promise<RegisteredCode> {
  const known = withDefinitions(builtInRegistry, definitions, '')
  const isBuiltIn = (['steps', 'routes', 'models'] as const).every(
    (types) => known[types].size === builtInRegistry[types].size,
  )
  if (isBuiltIn) return { registry: builtInRegistry, code: null }
  const code = await hashOf(files, folder)
  return { registry: withDefinitions(builtInRegistry, definitions, code), code }
}

async function hashOf(files: readonly string[], folder: string): Promise<string> {
  if (files.length === 0) return hashText(randomUUID())
  const { hashCode } = await import('./code-hash.ts')
  return await hashCode(files, folder)
}
