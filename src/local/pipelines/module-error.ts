import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, relative, sep } from 'node:path'

import { RetortError, messageOf } from '../../core/errors.ts'
import { isInstalled, isOwnCode } from './own-code.ts'
import { toLocalPath } from './to-local-path.ts'

/** A place in a user's code. */
interface Place {
  readonly file: string
  readonly line: number
}

/** The error for a module that cannot be imported: which file, which line of it, and what its own error says. */
export async function moduleError(
  path: string,
  name: string,
  cause: unknown,
): Promise<RetortError> {
  const missing = missingImport(cause)
  if (missing !== undefined)
    return new RetortError('module-invalid', `Module '${name}' does not load: ${missing}`, {
      data: { file: path },
      cause,
    })
  const isSyntax = cause instanceof SyntaxError
  const place = placeOf(cause) ?? (isSyntax ? await findSyntaxError(path) : undefined)
  const at =
    place === undefined
      ? ''
      : place.file === path
        ? ` at line ${place.line}`
        : ` at line ${place.line} of ${place.file}`
  const [said = ''] = messageOf(cause).split('\n')
  if (isSyntax && /outside a module|Unexpected token 'export'/.test(said))
    return new RetortError('module-invalid', takenForCommonJS(name, place?.file ?? path), {
      data: { file: place?.file ?? path },
      cause,
    })
  return new RetortError(
    'module-invalid',
    `Module '${name}' ${isSyntax ? 'does not load' : 'throws on import'}${at}: ${ended(said)}`,
    { data: { file: place?.file ?? path, line: place?.line ?? null }, cause },
  )
}

function takenForCommonJS(name: string, file: string): string {
  const renamed = basename(file).replace(/\.([jt]s)$/, '.m$1')
  return `Module '${name}' does not load: Node takes ${basename(file)} for CommonJS; set "type": "module" in the package.json of its folder (npm pkg set type=module), or name it ${renamed}.`
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

/** What to do about an import that leads nowhere. */
function missingImport(cause: unknown): string | undefined {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'))
    return undefined
  const [, kind, wanted = '', from = ''] =
    /^Cannot find (module|package) '(.+?)' imported from (.+)/.exec(cause.message) ?? []
  if (kind === undefined) return ended(cause.message)
  if (kind === 'package')
    return `${from} imports the package '${wanted}', which is not installed; run npm install ${packageName(wanted)}.`
  const path = toLocalPath(wanted) ?? wanted
  const stem = path.replace(/\.[cm]?[jt]s$/, '')
  const meant = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js']
    .map((ending) => `${stem}${ending}`)
    .find((file) => existsSync(file))
  return `${from} imports ${path}, which is not there; ${
    meant === undefined
      ? 'correct the path'
      : `write its whole name, as in '${importPath(from, meant)}'`
  }.`
}

function importPath(from: string, to: string): string {
  const path = relative(dirname(from), to).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The first line of a stack that is in a user's own file. */
function placeOf(error: unknown): Place | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const [, name = '', line = ''] of stack.matchAll(
    /((?:file:\/\/|(?<=^|[( ])\/)[^\n:()]*):(\d+)/gm,
  )) {
    const file = toLocalPath(name)
    if (file !== undefined && !isOwnCode(file) && !isInstalled(file))
      return { file, line: Number(line) }
  }
  return undefined
}

/** Where JavaScript does not parse, which Node does not tell programs. */
async function findSyntaxError(path: string): Promise<Place | undefined> {
  const { parseSync } = await import('oxc-parser')
  const text = readFileSync(path, 'utf8')
  const start = parseSync(path, text).errors[0]?.labels[0]?.start
  if (start === undefined) return undefined
  return { file: path, line: text.slice(0, start).split('\n').length }
}
