import { statSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { createRequire, findPackageJSON, isBuiltin } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { isObject } from '../../core/json.ts'
import { isInstalled } from './own-code.ts'

/** What a specifier in a user's code leads to. */
export type ResolvedModule =
  | { readonly kind: 'built-in' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string; readonly version: string }
  /** A package that is only linked, and whose files its `exports` do not lead to. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'unknown' }

/**
 * Finds what a specifier in a file means: a local file, or an installed package with its version.
 *
 * A package that is linked, as in a monorepo, is local files: its version says nothing of its code. This package
 * itself always counts by its version.
 */
export async function resolveModule(specifier: string, from: string): Promise<ResolvedModule> {
  if (isBuiltin(specifier)) return { kind: 'built-in' }
  if (/^(\.{0,2}\/|file:|\.{1,2}$)/.test(specifier)) return resolveFile(specifier, from)
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return { kind: 'unknown' }
  if (specifier.startsWith('#')) return resolveRequired(specifier, from)
  return await resolvePackage(specifier, from)
}

function resolveFile(specifier: string, from: string): ResolvedModule {
  const base = pathToFileURL(from).href
  if (!URL.canParse(specifier, base)) return { kind: 'unknown' }
  const { pathname } = new URL(specifier, base)
  const path = fileURLToPath(`file://${pathname}`)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return { kind: 'file', path }
  // CommonJS leaves endings out.
  return resolveRequired(specifier, from)
}

function resolveRequired(specifier: string, from: string): ResolvedModule {
  try {
    return { kind: 'file', path: createRequire(from).resolve(specifier) }
  } catch {
    return { kind: 'unknown' }
  }
}

async function resolvePackage(specifier: string, from: string): Promise<ResolvedModule> {
  try {
    const found = findPackageJSON(specifier, pathToFileURL(from))
    if (found === undefined) return { kind: 'unknown' }
    const path = await realpath(found)
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!isObject(manifest)) return { kind: 'unknown' }
    const [name, version] = [String(manifest['name']), String(manifest['version'])]
    if (name === 'retort' || isInstalled(path)) return { kind: 'package', name, version }
    const linked = resolveRequired(specifier, from)
    return linked.kind === 'file' ? linked : { kind: 'folder', path: path.replace(/[^\\/]+$/, '') }
  } catch {
    return { kind: 'unknown' }
  }
}
