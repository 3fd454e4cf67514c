import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, extname, relative, resolve, sep } from 'node:path'

import { hashJson } from '../../core/hash.ts'
import { findReferences } from './code-references.ts'
import { resolveModule } from './resolve-module.ts'

const codeEndings = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'])

/** What a hash is taken of: file, package or specifier, with what stands for its content. */
type Parts = Map<string, string>

/**
 * SHA-256 of a pipeline's own code: of every local file that its modules reach by a literal, by name and content, and
 * of the packages that they import, by name and version.
 *
 * It is the same on every machine that has the same files.
 *
 * @param folder - what the files' names are relative to; by default that of the first module
 */
export async function hashCode(
  modules: string | readonly string[],
  folder?: string,
): Promise<string> {
  const entries = (typeof modules === 'string' ? [modules] : modules).map((path) => resolve(path))
  const base = await realpath(folder ?? dirname(entries[0] ?? '.'))
  const parts: Parts = new Map()
  await Promise.all(entries.map((path) => addFile(path, base, parts)))
  return hashJson({ code: 1, parts: Object.fromEntries(parts) })
}

/** Adds a file and what it refers to; false where there is no such file. */
async function addFile(named: string, base: string, parts: Parts): Promise<boolean> {
  const path = await realpath(named).catch(() => undefined)
  if (path === undefined || !(await stat(path)).isFile()) return false
  const key = `file ${relative(base, path).split(sep).join('/')}`
  if (parts.has(key)) return true
  // Taken before anything is awaited: a file may be reached twice at once, or by itself.
  parts.set(key, '')
  if (!codeEndings.has(extname(path))) {
    parts.set(key, await hashFile(path))
    return true
  }
  const content = await readFile(path)
  parts.set(key, createHash('sha256').update(content).digest('hex'))
  const { modules, files } = findReferences(path, content.toString('utf8'))
  await Promise.all([
    ...[...modules].map((specifier) => addModule(specifier, path, base, parts)),
    // One that is not there, or is a folder, is no code.
    ...[...files].map((file) => addFile(file, base, parts)),
  ])
  return true
}

async function addModule(
  specifier: string,
  from: string,
  base: string,
  parts: Parts,
): Promise<void> {
  const found = await resolveModule(specifier, from)
  if (found.kind === 'package') parts.set(`package ${found.name} ${found.version}`, '')
  if (found.kind === 'folder') await addFolder(found.path, base, parts)
  const isMissing = found.kind === 'file' && !(await addFile(found.path, base, parts))
  if (found.kind === 'unknown' || isMissing) parts.set(`name ${specifier}`, '')
}

async function addFolder(folder: string, base: string, parts: Parts): Promise<void> {
  const { glob } = await import('tinyglobby')
  const files = await glob('**', {
    cwd: folder,
    absolute: true,
    ignore: ['**/node_modules/**'],
    expandDirectories: false,
  })
  for (const path of files) await addFile(path, base, parts)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece)
  return hash.digest('hex')
}
