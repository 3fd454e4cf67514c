import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { parseSync, Visitor } from 'oxc-parser'
import type { Expression, Argument } from 'oxc-parser'

/** What a file's code names beside itself. */
export interface CodeReferences {
  /** Specifiers of imports, as they are written. */
  readonly modules: ReadonlySet<string>
  /** Paths of files that it may read. */
  readonly files: ReadonlySet<string>
}

/**
 * Finds what a module's code imports or names by a literal: `import`, `export … from`, `import()`, `require()`,
 * `import.meta.resolve()`, `new URL('…', import.meta.url)` and `join(import.meta.dirname, '…')`.
 *
 * What is imported only as types is left out.
 */
export function findReferences(path: string, text: string): CodeReferences {
  const modules = new Set<string>()
  const files = new Set<string>()
  const addModule = (specifier: string | undefined) => {
    if (specifier !== undefined) modules.add(specifier)
  }
  const visitor = new Visitor({
    ImportDeclaration(node) {
      if (node.importKind !== 'type') modules.add(node.source.value)
    },
    ExportAllDeclaration(node) {
      if (node.exportKind !== 'type') modules.add(node.source.value)
    },
    ExportNamedDeclaration(node) {
      if (node.exportKind !== 'type') addModule(node.source?.value)
    },
    ImportExpression: (node) => addModule(literal(node.source)),
    NewExpression(node) {
      const [name, base] = node.arguments
      if (!isIdentifier(node.callee, 'URL') || !isImportMeta(base, 'url')) return
      const file = toPath(literal(name), path)
      if (file !== undefined) files.add(file)
    },
    CallExpression(node) {
      const [first, ...rest] = node.arguments
      if (isRequire(node.callee) || isImportMeta(node.callee, 'resolve')) addModule(literal(first))
      if (!isImportMeta(first, 'dirname') && !isIdentifier(first, '__dirname')) return
      const parts = rest.flatMap((part) => literal(part) ?? [])
      if (parts.length === rest.length) files.add(resolve(dirname(path), ...parts))
    },
    TemplateLiteral(node) {
      const [folder] = node.expressions
      const ending = node.quasis[1]?.value.cooked
      if (node.expressions.length === 1 && isImportMeta(folder, 'dirname') && ending)
        files.add(resolve(dirname(path), `.${ending}`))
    },
  })
  visitor.visit(parseSync(path, text, { sourceType: 'unambiguous' }).program)
  return { modules, files }
}

function toPath(reference: string | undefined, from: string): string | undefined {
  if (reference === undefined) return undefined
  const base = pathToFileURL(from).href
  if (!URL.canParse(reference, base)) return undefined
  const { protocol, pathname } = new URL(reference, base)
  return protocol === 'file:' ? fileURLToPath(`file://${pathname}`) : undefined
}

type Node = Expression | Argument | undefined

function literal(node: Node): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined
  return node.quasis[0]?.value.cooked ?? undefined
}

function isIdentifier(node: Node, name: string): boolean {
  return node?.type === 'Identifier' && node.name === name
}

function isRequire(node: Expression): boolean {
  if (node.type === 'MemberExpression') return isIdentifier(node.object, 'require')
  return isIdentifier(node, 'require')
}

function isImportMeta(node: Node, property: string): boolean {
  return (
    node?.type === 'MemberExpression' &&
    node.object.type === 'MetaProperty' &&
    node.property.type === 'Identifier' &&
    node.property.name === property
  )
}
