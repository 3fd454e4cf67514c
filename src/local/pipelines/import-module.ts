import { pathToFileURL } from 'node:url'

import { isRetortError } from '../../core/errors.ts'
import { moduleError } from './module-error.ts'

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/**
 * Imports a local module.
 *
 * @param name - what sentences call it
 * @throws RetortError `module-invalid` with file and line; those that the module itself throws as they are
 */
export async function importModule(path: string, name: string): Promise<ModuleExports> {
  try {
    const loaded: ModuleExports = await import(pathToFileURL(path).href)
    return loaded
  } catch (error) {
    if (isRetortError(error)) throw error
    throw await moduleError(path, name, error)
  }
}
