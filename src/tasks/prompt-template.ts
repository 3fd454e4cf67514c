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

/** Names that a template reads where neither it nor Jinja has given them a value. */
function freeNames(program: unknown): Set<string> {
  const used = new Set<string>()
  visit(program, used, new Set(builtInNames))
  return used
}

/** Walks in the order in which values are given; a `set` adds to `bound` for what follows it. */
function visit(node: unknown, used: Set<string>, bound: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, used, bound)
    return
  }
  if (node instanceof Map) {
    for (const entry of node) visit(entry, used, bound)
    return
  }
  if (!isObject(node)) return
  switch (node['type']) {
    case 'Identifier':
      for (const name of namesIn(node)) if (!bound.has(name)) used.add(name)
      return
    case 'Set':
      visit([node['value'], node['body']], used, bound)
      bind(node['assignee'], bound)
      return
    case 'For':
      visitLoop(node, used, bound)
      return
    case 'Macro':
      bind(node['name'], bound)
      visitBlock(node['args'], node['body'], used, bound)
      return
    case 'CallStatement':
      visit(node['call'], used, bound)
      visitBlock(node['callerArgs'], node['body'], used, bound)
      return
    default:
      for (const [member, child] of Object.entries(node))
        if (member !== nameMember(node))
          visit(member === 'filter' ? argumentsOf(child) : child, used, bound)
  }
}

function visitLoop(
  { iterable, loopvar, body, defaultBlock }: Readonly<Record<string, unknown>>,
  used: Set<string>,
  bound: Set<string>,
): void {
  const inside = new Set(bound)
  bind(loopvar, inside)
  if (isObject(iterable) && iterable['type'] === 'SelectExpression') {
    visit(iterable['lhs'], used, bound)
    visit(iterable['test'], used, inside)
  } else visit(iterable, used, bound)
  visit(body, used, inside)
  visit(defaultBlock, used, bound)
}

/** A body with parameters of its own, whose defaults are read outside. */
function visitBlock(
  parameters: unknown,
  body: unknown,
  used: Set<string>,
  bound: Set<string>,
): void {
  visit(
    parametersOf(parameters).map((parameter) => parameter['value']),
    used,
    bound,
  )
  const inside = new Set([...bound, 'caller'])
  for (const parameter of parametersOf(parameters)) bind(parameter['key'] ?? parameter, inside)
  visit(body, used, inside)
}

const parametersOf = (parameters: unknown) =>
  Array.isArray(parameters) ? parameters.filter(isObject) : []

/** A filter's own name is no variable; what it is called with may be. */
const argumentsOf = (filter: unknown) => (isObject(filter) ? filter['args'] : undefined)

/** The child of a node that is an operator or the name of a test, member or argument, not of a variable. */
function nameMember({ type, computed }: Readonly<Record<string, unknown>>): string | undefined {
  if (type === 'BinaryExpression' || type === 'UnaryExpression') return 'operator'
  if (type === 'TestExpression') return 'test'
  if (type === 'KeywordArgumentExpression') return 'key'
  return type === 'MemberExpression' && computed !== true ? 'property' : undefined
}

function bind(node: unknown, bound: Set<string>): void {
  for (const name of namesIn(node)) bound.add(name)
}

/** The names that an assignment gives values to: one, or those of a tuple; none for a member. */
function namesIn(node: unknown): string[] {
  if (!isObject(node)) return []
  if (Array.isArray(node['value'])) return node['value'].flatMap(namesIn)
  return node['type'] === 'Identifier' && typeof node['value'] === 'string' ? [node['value']] : []
}
