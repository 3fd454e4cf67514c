import { Template } from '@huggingface/jinja'

import { RetortError, messageOf } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { nearestName, quoted } from '../core/names.ts'

/** Names that Jinja itself provides. */
const builtInNames = new Set([
  'range',
  'namespace',
  'strftime_now',
  'raise_exception',
  'true',
  'false',
  'none',
  'loop',
  'True',
  'False',
  'None',
])

/** A parsed Jinja template. */
export interface PromptTemplate {
  /** Names that the template takes from its row. */
  readonly variables: ReadonlySet<string>
  render(row: Readonly<Record<string, unknown>>): string
}

/** Parses a Jinja template. @throws RetortError `template-invalid` where it is not one */
export function parseTemplate(text: string, stepName: string): PromptTemplate {
  try {
    const template = new Template(text)
    return { variables: freeNames(template.parsed), render: (row) => template.render({ ...row }) }
  } catch (error) {
    throw new RetortError(
      'template-invalid',
      `The template of step '${stepName}' does not parse: ${messageOf(error)}.`,
      {
        cause: error,
      },
    )
  }
}

/** Checks that a template uses exactly the columns that it may. @throws RetortError `template-invalid` */
export function checkTemplate(
  template: PromptTemplate,
  columns: readonly string[],
  optional: readonly string[],
  stepName: string,
): void {
  const known = [...columns, ...optional]
  for (const name of template.variables)
    if (!known.includes(name))
      throw new RetortError(
        'template-invalid',
        `The template of step '${stepName}' uses '${name}', which is not among its columns. ${nearestName(name, known)} Name it in the parameter 'columns' if the data has it.`,
      )
  const unused = columns.filter((name) => !template.variables.has(name))
  if (unused.length > 0)
    throw new RetortError(
      'template-invalid',
      `The template of step '${stepName}' does not use ${quoted(unused)}, named in its parameter 'columns'; use {{ ${unused[0]} }} or leave the name out.`,
    )
}

/** Names that are neither set in the template nor provided by Jinja. */
function freeNames(program: unknown): Set<string> {
  const used = new Set<string>()
  const bound = new Set<string>(builtInNames)
  visit(program, used, bound)
  for (const name of bound) used.delete(name)
  return used
}

function visit(node: unknown, used: Set<string>, bound: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, used, bound)
    return
  }
  if (node instanceof Map) {
    for (const [key, value] of node) visit([key, value], used, bound)
    return
  }
  if (!isObject(node)) return
  const type = node['type']
  if (type === 'Identifier' && typeof node['value'] === 'string') used.add(node['value'])
  if (type === 'For') bind(node['loopvar'], bound)
  if (type === 'Set') bind(node['assignee'], bound)
  if (type === 'Macro') bind([node['name'], node['args']], bound)
  for (const [member, child] of Object.entries(node))
    if (!isName(type, member, node)) visit(child, used, bound)
}

/** Whether a child is a name of a filter, test, member or argument, not of a variable. */
function isName(type: unknown, member: string, node: Readonly<Record<string, unknown>>): boolean {
  if (type === 'FilterExpression' && member === 'filter')
    return isObject(node['filter']) && node['filter']['type'] === 'Identifier'
  if (type === 'TestExpression') return member === 'test'
  if (type === 'KeywordArgumentExpression') return member === 'key'
  return type === 'MemberExpression' && member === 'property' && node['computed'] !== true
}

function bind(node: unknown, bound: Set<string>): void {
  const names = new Set<string>()
  visit(node, names, new Set())
  for (const name of names) bound.add(name)
}
